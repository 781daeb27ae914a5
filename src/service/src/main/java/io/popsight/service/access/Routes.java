package io.popsight.service.access;

import io.popsight.service.metrics.Door;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * What every route and every gRPC method needs and is measured as, in one list; the first that fits
 * counts. What is not listed needs an admin's key, and a test fails on it.
 */
public final class Routes {

  static final Route UNLISTED = Route.unmeasured(Need.ADMIN);

  private record Http(String method, PathPattern path, Route route) {}

  private record Grpc(String prefix, Route route) {}

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
          http("POST", "/v1/detect", Need.PHOTO, "native"),
          http("POST", "/v1/stream", Need.DETECT),
          http("GET", "/v1/stream", Need.DETECT),
          http("GET", "/v1/models", Need.DETECT),
          // DeepStack, CodeProject.AI.
          http("POST", "/v1/vision/custom/list", Need.DETECT),
          http("POST", "/v1/vision/listmodels", Need.DETECT),
          http("POST", "/v1/vision/detection", Need.PHOTO, "deepstack"),
          http("POST", "/v1/vision/custom/{model}", Need.PHOTO, "deepstack"),
          http("POST", "/v1/vision/**", Need.PHOTO),
          // DOODS.
          http("GET", "/detectors", Need.DETECT),
          http("POST", "/detect", Need.PHOTO, "doods"),
          http("POST", "/image", Need.PHOTO, "doods"),
          http("GET", "/detect", Need.DETECT),
          http("GET", "/stream", Need.DETECT),
          // Open Inference Protocol.
          http("POST", "/v2/models/{model}/infer", Need.PHOTO, "oip"),
          http("POST", "/v2/models/{model}/versions/{version}/infer", Need.PHOTO, "oip"),
          http("GET", "/v2/models/**", Need.DETECT),
          http("POST", "/v2/repository/index", Need.DETECT),
          http("POST", "/v2/repository/models/{model}/load", Need.ADMIN),
          http("POST", "/v2/repository/models/{model}/unload", Need.ADMIN),
          http("GET", "/actuator", Need.ADMIN));

  private static final List<Grpc> GRPC =
      List.of(
          grpc("grpc.health.v1.Health/", Need.NOTHING),
          grpc("grpc.reflection.", Need.NOTHING),
          stream("popsight.v1.Detection/DetectStream", Need.PHOTO, "native"),
          grpc("popsight.v1.Detection/Detect", Need.PHOTO, "native"),
          grpc("inference.GRPCInferenceService/ServerLive", Need.NOTHING),
          grpc("inference.GRPCInferenceService/ServerReady", Need.NOTHING),
          grpc("inference.GRPCInferenceService/ServerMetadata", Need.NOTHING),
          grpc("inference.GRPCInferenceService/ModelInfer", Need.PHOTO, "oip"),
          stream("inference.GRPCInferenceService/ModelStreamInfer", Need.PHOTO, "oip"),
          grpc("inference.GRPCInferenceService/Model", Need.DETECT),
          grpc("inference.GRPCInferenceService/RepositoryIndex", Need.DETECT),
          grpc("inference.GRPCInferenceService/Repository", Need.ADMIN));

  private Routes() {}

  private static Http http(String method, String path, Need need) {
    return http(method, path, Route.unmeasured(need));
  }

  private static Http http(String method, String path, Need need, String api) {
    return http(method, path, new Route(need, Optional.of(Door.rest(api)), Optional.empty()));
  }

  private static Http http(String method, String path, Route route) {
    return new Http(method, PathPatternParser.defaultInstance.parse(path), route);
  }

  private static Grpc grpc(String prefix, Need need) {
    return new Grpc(prefix, Route.unmeasured(need));
  }

  private static Grpc grpc(String prefix, Need need, String api) {
    return new Grpc(prefix, new Route(need, Optional.of(Door.grpc(api)), Optional.empty()));
  }

  private static Grpc stream(String prefix, Need need, String api) {
    return new Grpc(prefix, new Route(need, Optional.empty(), Optional.of(Door.grpc(api))));
  }

  /** The route of an HTTP request; empty if its path cannot be decoded. */
  public static Optional<Route> ofHttp(HttpServletRequest request) {
    PathContainer path;
    try {
      path = ServletRequestPathUtils.parse(request).pathWithinApplication();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    String asked = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
    return Optional.of(
        HTTP.stream()
            .filter(route -> route.method().equals("*") || route.method().equals(asked))
            .filter(route -> route.path().matches(path))
            .map(Http::route)
            .findFirst()
            .orElse(UNLISTED));
  }

  /** The route of a gRPC method, {@code package.Service/Method}. */
  public static Route ofGrpc(String fullMethod) {
    return GRPC.stream()
        .filter(method -> fullMethod.startsWith(method.prefix()))
        .map(Grpc::route)
        .findFirst()
        .orElse(UNLISTED);
  }
}
