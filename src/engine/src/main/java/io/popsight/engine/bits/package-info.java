/** How spikes lie in memory, written once: {@link io.popsight.engine.bits.BitMap}. */
@NullMarked
package io.popsight.engine.bits;

import org.jspecify.annotations.NullMarked;
