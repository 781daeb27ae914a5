package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** CodeProject.AI's habit: failures have status 200 and say theirs in the document. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.deepstack.always-ok=true",
      "popsight.max-photo-size=34MB"
    })
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
        .isNotEmpty()
        .allMatch(line -> line.contains("outcome=\"refused\""));
  }

  @Test
  void photoLimit_holdsForMultipartBodiesToo() throws Exception {
    assertThat(errorOfZeros(33 << 20)).as("is looked at").isEqualTo("invalid image file");
    assertThat(errorOfZeros(35 << 20))
        .as("is not")
        .isEqualTo("The field image exceeds its maximum permitted size of 35651584 bytes.");
  }

  private String errorOfZeros(int bytes) throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n"
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(new byte[bytes]);
    body.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8));
    return new OipClient(port)
        .post(
            "/v1/vision/detection",
            body.toByteArray(),
            "Content-Type",
            "multipart/form-data;boundary=b")
        .json()
        .get("error")
        .asString();
  }
}
