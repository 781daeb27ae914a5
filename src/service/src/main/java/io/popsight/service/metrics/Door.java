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
  public static Optional<Door> ofHttp(String method, String uri) {
    if (!method.equals("POST")) {
      return Optional.empty();
    }
    // Routes do not look at a segment's parameters either.
    String path = uri.indexOf(';') < 0 ? uri : uri.replaceAll(";[^/]*", "");
    if (path.equals("/v1/detect")) {
      return Optional.of(rest("native"));
    }
    if (path.equals("/v1/vision/detection")
        || (path.startsWith("/v1/vision/custom/") && !path.endsWith("/list"))) {
      return Optional.of(rest("deepstack"));
    }
    if (path.startsWith("/v2/models/") && path.endsWith("/infer")) {
      return Optional.of(rest("oip"));
    }
    if (path.equals("/detect") || path.equals("/image")) {
      return Optional.of(rest("doods"));
    }
    return Optional.empty();
  }

  /** The door of a gRPC call that asks for one photo's detections; empty for any other call. */
  public static Optional<Door> ofGrpc(String fullMethodName) {
    return switch (fullMethodName) {
      case "popsight.v1.Detection/Detect" -> Optional.of(grpc("native"));
      case "inference.GRPCInferenceService/ModelInfer" -> Optional.of(grpc("oip"));
      default -> Optional.empty();
    };
  }

  /** The door of a gRPC call that is a stream of photos; empty for any other call. */
  public static Optional<Door> ofGrpcStream(String fullMethodName) {
    return switch (fullMethodName) {
      case "popsight.v1.Detection/DetectStream" -> Optional.of(grpc("native"));
      case "inference.GRPCInferenceService/ModelStreamInfer" -> Optional.of(grpc("oip"));
      default -> Optional.empty();
    };
  }

  /** The door of a photo that came over HTTP, in a stream, a camera's frame or over a WebSocket. */
  public static Door rest(String api) {
    return new Door(api, REST);
  }

  /** The door of a photo that came over gRPC, in a stream or by itself. */
  public static Door grpc(String api) {
    return new Door(api, GRPC);
  }
}
