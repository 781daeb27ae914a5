package io.popsight.service.metrics;

/**
 * The protocol that a request came through: two labels with few values, whatever a caller sends.
 *
 * @param api whose protocol: {@code native}, {@code oip}, {@code deepstack} or {@code doods}
 * @param transport {@code rest} or {@code grpc}
 */
public record Door(String api, String transport) {

  /** Of a photo that came over HTTP or a WebSocket, by itself or in a stream. */
  public static Door rest(String api) {
    return new Door(api, "rest");
  }

  /** Of a photo that came over gRPC, by itself or in a stream. */
  public static Door grpc(String api) {
    return new Door(api, "grpc");
  }
}
