/** Tests of what is told about answers. */
@NullMarked
package io.popsight.service.metrics;

import org.jspecify.annotations.NullMarked;
