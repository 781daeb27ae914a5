/** Model files real and random: what is read is what was written, and what is broken is refused. */
@NullMarked
package io.popsight.model;

import org.jspecify.annotations.NullMarked;
