package io.popsight.service.metrics;

import java.util.Optional;

/**
 * The protocol that a request came through: two labels with few values, whatever a caller sends.
 *
 * @param api whose protocol: {@code native}, {@code oip}, {@code deepstack} or {@code doods}
 * @param transport {@code rest} or {@code grpc}
 */
public record Door(String api, String transport) {

  private static final String REST = "rest";
  private static final String GRPC = "grpc";

  /** The door of an HTTP request that asks for detections; empty for any other request. */
  public static Optional<Door> ofHttp(String method, String path) {
    if (!method.equals("POST")) {
      return Optional.empty();
    }
    if (path.equals("/v1/detect")) {
      return Optional.of(new Door("native", REST));
    }
    if (path.equals("/v1/vision/detection")
        || (path.startsWith("/v1/vision/custom/") && !path.endsWith("/list"))) {
      return Optional.of(new Door("deepstack", REST));
    }
    if (path.startsWith("/v2/models/") && path.endsWith("/infer")) {
      return Optional.of(new Door("oip", REST));
    }
    if (path.equals("/detect") || path.equals("/image")) {
      return Optional.of(new Door("doods", REST));
    }
    return Optional.empty();
  }

  /** The door of a gRPC call that asks for one photo's detections; empty for any other call. */
  public static Optional<Door> ofGrpc(String fullMethodName) {
    return switch (fullMethodName) {
      case "popsight.v1.Detection/Detect" -> Optional.of(streamed("native"));
      case "inference.GRPCInferenceService/ModelInfer" -> Optional.of(streamed("oip"));
      default -> Optional.empty();
    };
  }

  /** The door of a photo that came over a WebSocket. */
  public static Door socket(String api) {
    return new Door(api, REST);
  }

  /** The door of a photo that came in a stream over HTTP, a camera's frame too. */
  public static Door streamedOverHttp(String api) {
    return new Door(api, REST);
  }

  /** The door of a photo that came in a gRPC stream. */
  public static Door streamed(String api) {
    return new Door(api, GRPC);
  }
}
