/**
 * The gRPC door: it decodes messages and encodes answers, nothing else. Health and reflection come
 * from Spring.
 */
@NullMarked
package io.popsight.service.grpc;

import org.jspecify.annotations.NullMarked;
