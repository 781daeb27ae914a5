/**
 * The REST door: it decodes requests and encodes answers, nothing else. Errors are RFC 9457 problem
 * details.
 */
@NullMarked
package io.popsight.service.http;

import org.jspecify.annotations.NullMarked;
