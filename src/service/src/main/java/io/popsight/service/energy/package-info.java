/**
 * Modelled energy of a network beside its relatives of the same shape. Start at {@link
 * io.popsight.service.energy.EnergyAccounting}.
 */
@NullMarked
package io.popsight.service.energy;

import org.jspecify.annotations.NullMarked;
