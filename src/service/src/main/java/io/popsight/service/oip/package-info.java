/**
 * The Open Inference Protocol v2 (KServe, Triton, OpenVINO Model Server): models as tensors in and
 * out. Each model has three views: {@code NAME} takes encoded photos, {@code NAME-pixels} what
 * DETR-like clients send, {@code NAME-tensor} the network's own input. Start at {@link
 * io.popsight.service.oip.OpenInference}, which both doors share.
 */
@NullMarked
package io.popsight.service.oip;

import org.jspecify.annotations.NullMarked;
