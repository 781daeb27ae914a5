/** What Prometheus sees of the detector. */
@NullMarked
package io.popsight.service.metrics;

import org.jspecify.annotations.NullMarked;
