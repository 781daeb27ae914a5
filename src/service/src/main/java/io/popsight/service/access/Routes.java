package io.popsight.service.access;

import java.util.List;
import java.util.Optional;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * What every route and every gRPC method needs, in one list; the first that fits counts. What is
 * not listed needs an admin's key, and a test fails on it.
 */
final class Routes {

  private record Http(String method, PathPattern path, Need need) {}

  private record Grpc(String prefix, Need need) {}

  private static final List<Http> HTTP =
      List.of(
          // Probes, and pages that hold nothing but themselves.
          http("GET", "/actuator/health/**", Need.NOTHING),
          http("GET", "/v2/health/**", Need.NOTHING),
          http("GET", "/v2", Need.NOTHING),
          http("GET", "/v2/", Need.NOTHING),
          http("GET", "/v1/status/**", Need.NOTHING),
          http("GET", "/v1/server/status/**", Need.NOTHING),
          http("GET", "/", Need.NOTHING),
          http("GET", "/index.html", Need.NOTHING),
          http("GET", "/playground/**", Need.NOTHING),
          http("GET", "/favicon.ico", Need.NOTHING),
          http("GET", "/v3/api-docs/**", Need.NOTHING),
          http("GET", "/v3/api-docs.yaml", Need.NOTHING),
          http("GET", "/swagger-ui.html", Need.NOTHING),
          http("GET", "/swagger-ui/**", Need.NOTHING),
          http("GET", "/webjars/**", Need.NOTHING),
          http("*", "/error", Need.NOTHING),
          http("*", "/livez", Need.NOTHING),
          http("*", "/readyz", Need.NOTHING),
          // Metrics.
          http("GET", "/metrics", Need.METRICS),
          http("GET", "/actuator/prometheus", Need.METRICS),
          http("GET", "/actuator/info", Need.METRICS),
          // Our own door.
          http("POST", "/v1/detect", Need.PHOTO),
          http("POST", "/v1/stream", Need.DETECT),
          http("GET", "/v1/stream", Need.DETECT),
          http("GET", "/v1/models", Need.DETECT),
          // DeepStack, CodeProject.AI.
          http("POST", "/v1/vision/custom/list", Need.DETECT),
          http("POST", "/v1/vision/listmodels", Need.DETECT),
          http("POST", "/v1/vision/**", Need.PHOTO),
          // DOODS.
          http("GET", "/detectors", Need.DETECT),
          http("POST", "/detect", Need.PHOTO),
          http("POST", "/image", Need.PHOTO),
          http("GET", "/detect", Need.DETECT),
          http("GET", "/stream", Need.DETECT),
          // Open Inference Protocol.
          http("POST", "/v2/models/{model}/infer", Need.PHOTO),
          http("POST", "/v2/models/{model}/versions/{version}/infer", Need.PHOTO),
          http("GET", "/v2/models/**", Need.DETECT),
          http("POST", "/v2/repository/index", Need.DETECT),
          http("POST", "/v2/repository/models/{model}/load", Need.ADMIN),
          http("POST", "/v2/repository/models/{model}/unload", Need.ADMIN),
          http("GET", "/actuator", Need.ADMIN));

  private static final List<Grpc> GRPC =
      List.of(
          new Grpc("grpc.health.v1.Health/", Need.NOTHING),
          new Grpc("grpc.reflection.", Need.NOTHING),
          new Grpc("popsight.v1.Detection/", Need.PHOTO),
          new Grpc("inference.GRPCInferenceService/ServerLive", Need.NOTHING),
          new Grpc("inference.GRPCInferenceService/ServerReady", Need.NOTHING),
          new Grpc("inference.GRPCInferenceService/ServerMetadata", Need.NOTHING),
          new Grpc("inference.GRPCInferenceService/ModelInfer", Need.PHOTO),
          new Grpc("inference.GRPCInferenceService/ModelStreamInfer", Need.PHOTO),
          new Grpc("inference.GRPCInferenceService/Model", Need.DETECT),
          new Grpc("inference.GRPCInferenceService/RepositoryIndex", Need.DETECT),
          new Grpc("inference.GRPCInferenceService/Repository", Need.ADMIN));

  private Routes() {}

  private static Http http(String method, String path, Need need) {
    return new Http(method, PathPatternParser.defaultInstance.parse(path), need);
  }

  static Optional<Need> ofHttp(String method, PathContainer path) {
    String asked = method.equals("HEAD") ? "GET" : method;
    return HTTP.stream()
        .filter(route -> route.method().equals("*") || route.method().equals(asked))
        .filter(route -> route.path().matches(path))
        .map(Http::need)
        .findFirst();
  }

  static Optional<Need> ofGrpc(String fullMethod) {
    return GRPC.stream()
        .filter(method -> fullMethod.startsWith(method.prefix()))
        .map(Grpc::need)
        .findFirst();
  }
}
