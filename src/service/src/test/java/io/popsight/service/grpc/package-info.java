/** Tests of the gRPC door's parts. */
@NullMarked
package io.popsight.service.grpc;

import org.jspecify.annotations.NullMarked;
