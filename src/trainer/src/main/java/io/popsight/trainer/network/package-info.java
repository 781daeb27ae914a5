/**
 * Binary-activation networks as differentiable graphs: Hoyer spikes, quantised weights, batch norm
 * and the detector built of them. Source of the method: Datta, Liu, Beerel, ICLR 2024. Start at
 * {@link io.popsight.trainer.network.SpikingDetector}.
 */
@NullMarked
package io.popsight.trainer.network;

import org.jspecify.annotations.NullMarked;
