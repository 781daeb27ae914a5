package io.popsight.service.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.popsight.service.SmallModels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.mock.web.MockHttpServletRequest;
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
    for (RequestMappingInfoHandlerMapping mapping : mappings) {
      for (RequestMappingInfo info : mapping.getHandlerMethods().keySet()) {
        for (String path : info.getPatternValues()) {
          for (String method : methods(info)) {
            routes.add(path);
            Route route =
                Routes.ofHttp(new MockHttpServletRequest(method, example(path))).orElseThrow();
            assertThat(route)
                .as("%s %s: add it to Routes", method, path)
                .isNotSameAs(Routes.UNLISTED);
            assertThat(route.photo().isPresent())
                .as("%s %s is measured if it brings a photo", method, path)
                .isEqualTo(route.need().photo());
          }
        }
      }
    }

    assertThat(routes).contains("/v1/detect", "/metrics", "/actuator/health");
  }

  @Test
  void everyGrpcMethod_isListed() {
    List<String> methods = new ArrayList<>();
    services.forEach(
        service -> {
          ServerServiceDefinition definition = service.bindService();
          for (ServerMethodDefinition<?, ?> method : definition.getMethods()) {
            String name = method.getMethodDescriptor().getFullMethodName();
            boolean one = method.getMethodDescriptor().getType().clientSendsOneMessage();
            Route route = Routes.ofGrpc(name);
            methods.add(name);
            assertThat(route).as("%s: add it to Routes", name).isNotSameAs(Routes.UNLISTED);
            assertThat((one ? route.photo() : route.stream()).isPresent())
                .as("%s is measured if it brings photos", name)
                .isEqualTo(route.need().photo());
          }
        });

    assertThat(methods).contains("popsight.v1.Detection/Detect", "grpc.health.v1.Health/Check");
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
