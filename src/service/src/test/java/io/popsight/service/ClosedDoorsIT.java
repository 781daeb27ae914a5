package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Each door closed by its setting; the service's own stays open. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.doors.oip=false",
      "popsight.doors.deepstack=false",
      "popsight.doors.doods=false"
    })
class ClosedDoorsIT implements SmallModels {

  @LocalServerPort private int port;
  @Autowired private List<BindableService> services;

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/health/live", "/v1/status/ping", "/detectors"})
  void closedDoor_isNotThere(String path) throws Exception {
    OipClient.Answer answer = new OipClient(port).get(path);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.contentType()).isEqualTo("application/problem+json");
  }

  @Test
  void closedDoor_isNotThereOverGrpc() {
    assertThat(services)
        .extracting(service -> service.bindService().getServiceDescriptor().getName())
        .contains("popsight.v1.Detection")
        .doesNotContain("inference.GRPCInferenceService");
  }

  @Test
  void ownDoor_isOpen() throws Exception {
    assertThat(new OipClient(port).get("/v1/models").status()).isEqualTo(200);
  }
}
