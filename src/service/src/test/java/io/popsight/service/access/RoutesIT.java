package io.popsight.service.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.popsight.service.SmallModels;
import io.popsight.service.metrics.Door;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.server.PathContainer;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/** Every route and every gRPC method of the running server is in the list. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"management.endpoints.web.exposure.include=health,info,prometheus"})
class RoutesIT implements SmallModels {

  @Autowired private List<RequestMappingInfoHandlerMapping> mappings;

  @Autowired private ObjectProvider<BindableService> services;

  @Test
  void everyRoute_isListed() {
    List<String> routes = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (RequestMappingInfoHandlerMapping mapping : mappings) {
      for (RequestMappingInfo info : mapping.getHandlerMethods().keySet()) {
        for (String path : info.getPatternValues()) {
          for (String method : methods(info)) {
            routes.add(path);
            String asked = example(path);
            Optional<Need> need = Routes.ofHttp(method, PathContainer.parsePath(asked));
            if (need.isEmpty()) {
              missing.add(method + " " + path);
            }
            assertThat(Door.ofHttp(method, asked + ";x=1").isPresent())
                .as("%s %s is measured if it brings a photo", method, path)
                .isEqualTo(need.isPresent() && need.get().photo());
          }
        }
      }
    }

    assertThat(routes).contains("/v1/detect", "/metrics", "/actuator/health");
    assertThat(missing).as("add these to Routes").isEmpty();
  }

  @Test
  void everyGrpcMethod_isListed() {
    List<String> methods = new ArrayList<>();
    services.forEach(
        service -> {
          ServerServiceDefinition definition = service.bindService();
          for (ServerMethodDefinition<?, ?> method : definition.getMethods()) {
            methods.add(method.getMethodDescriptor().getFullMethodName());
          }
        });

    assertThat(methods).contains("popsight.v1.Detection/Detect", "grpc.health.v1.Health/Check");
    assertThat(methods)
        .as("add these to Routes")
        .allMatch(method -> Routes.ofGrpc(method).isPresent());
  }

  private static List<String> methods(RequestMappingInfo info) {
    List<String> methods =
        info.getMethodsCondition().getMethods().stream().map(RequestMethod::name).toList();
    return methods.isEmpty() ? List.of("GET", "POST") : methods;
  }

  /** A path that the pattern would match. */
  private static String example(String pattern) {
    return pattern.replaceAll("\\{[^}]*\\}", "x").replace("/**", "/x");
  }
}
