package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** A sender that keeps its stream open and sends nothing. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "server.tomcat.connection-timeout=1s"
    })
class StreamPauseIT {

  private static final String START = "--frame\r\nContent-Type: image/jpeg\r\n\r\n";
  private static final String NEXT = "\r\n--frame\r\n";

  @LocalServerPort private int port;

  @ParameterizedTest
  @CsvSource({
    "before the first photo, application/x-ndjson",
    "between photos, application/x-ndjson",
    "between photos, text/event-stream",
    "within a photo, application/x-ndjson"
  })
  @Timeout(60)
  void pause_isToldAndTheStreamEnds(String where, String accept) throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    int answers = where.equals("before the first photo") ? 0 : 1;
    if (answers == 1) {
      sent.writeBytes(ascii(START));
      sent.writeBytes(TestPhotos.cells());
      sent.writeBytes(ascii(NEXT));
    }
    if (where.equals("within a photo")) {
      sent.writeBytes(ascii("Content-Type: image/jpeg\r\n\r\nhalf"));
    }
    try (Socket socket = new Socket("localhost", port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ascii(
              "POST /v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nContent-Length: 1000000\r\nContent-Type: multipart/mixed;boundary=frame\r\n\r\n"
                  .formatted(accept)));
      out.write(sent.toByteArray());

      String response =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      assertThat(response).startsWith("HTTP/1.1 200").contains("Content-Type: " + accept);
      assertThat(response.split("\"detections\"", -1)).hasSize(answers + 1);
      assertThat(response)
          .containsPattern(
              "\"index\":%d,\"problem\":\\{\"detail\":\"nothing came for \\d+ s\".*malformed-request"
                  .formatted(answers))
          .endsWith("\r\n0\r\n\r\n");
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
