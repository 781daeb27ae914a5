/** Tests of {@code io.popsight.service.energy} on a network small enough to count by hand. */
@NullMarked
package io.popsight.service.energy;

import org.jspecify.annotations.NullMarked;
