/** Tests of the HTTP door's parts. */
@NullMarked
package io.popsight.service.http;

import org.jspecify.annotations.NullMarked;
