/**
 * The yardstick: the popcount engine against what a user would run instead, in one process, one
 * core each, repetitions interleaved. Start at {@link io.popsight.benchmarks.BenchCommand}.
 */
@NullMarked
package io.popsight.benchmarks;

import org.jspecify.annotations.NullMarked;
