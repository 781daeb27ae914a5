/**
 * What a Java team would write without Popsight: a plain Spring MVC controller over DJL's ONNX
 * Runtime engine, on the float twin of the same network. Start at {@link
 * io.popsight.benchmarks.peer.PeerService}.
 */
@NullMarked
package io.popsight.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
