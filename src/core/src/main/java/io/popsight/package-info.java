/** What every module may ask and no other package is for. */
@NullMarked
package io.popsight;

import org.jspecify.annotations.NullMarked;
