/** Tests of boxes and areas. */
@NullMarked
package io.popsight.geometry;

import org.jspecify.annotations.NullMarked;
