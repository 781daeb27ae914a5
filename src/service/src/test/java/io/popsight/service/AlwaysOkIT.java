package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** CodeProject.AI's habit: failures have status 200 and say theirs in the document. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.deepstack.always-ok=true"})
class AlwaysOkIT {

  @LocalServerPort private int port;

  @Test
  void failure_hasStatus200AndItsOwnInTheDocument() throws Exception {
    OipClient.Answer answer =
        new OipClient(port)
            .post("/v1/vision/detection", new byte[] {1}, "Content-Type", "multipart/form-data");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("success").asBoolean()).isFalse();
    assertThat(answer.json().get("code").asInt()).isEqualTo(400);
    assertThat(new OipClient(port).get("/actuator/prometheus").text().lines())
        .filteredOn(
            line -> line.startsWith("popsight_request_duration_seconds_count{api=\"deepstack"))
        .as("what happened, not what went over the wire")
        .singleElement()
        .asString()
        .contains("outcome=\"refused\"");
  }
}
