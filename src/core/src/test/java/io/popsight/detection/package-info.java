/** Tests of how boxes are read and suppressed. */
@NullMarked
package io.popsight.detection;

import org.jspecify.annotations.NullMarked;
