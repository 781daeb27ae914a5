package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.service.desk.LeastRate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Senders who keep their connection busy and send next to nothing. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.default-model=popsight-cells"})
@Timeout(120)
class SlowSenderIT {

  private static final String SIZED = "Content-Length: 1000000";
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String END = "\r\n--b--\r\n";
  private static final String PART =
      "\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n";

  @LocalServerPort private int port;

  @TestConfiguration
  static class Hasty {

    @Bean
    @Primary
    LeastRate hasty() {
      return new LeastRate(500, Duration.ofSeconds(2));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/detect, image/jpeg, " + SIZED,
    "/v1/detect, image/jpeg, " + CHUNKED,
    "/v1/detect, multipart/form-data; boundary=b, " + SIZED,
    "/v1/detect, multipart/form-data; boundary=b, " + CHUNKED,
    "/v1/vision/detection, multipart/form-data; boundary=b, " + SIZED,
    "/v1/vision/detection, multipart/form-data; boundary=b, " + CHUNKED,
    "/v2/models/popsight-cells/infer, application/json, " + SIZED
  })
  void bodyThatTrickles_isRefusedAndHungUpOn(String path, String type, String length)
      throws Exception {
    String response = trickled(path, type, length);

    assertThat(response)
        .startsWith("HTTP/1.1 408")
        .contains("Connection: close", "less than 500 bytes a second came for 2 s");
    if (path.equals("/v1/detect")) {
      assertThat(response)
          .contains("application/problem+json", "\"type\":\"urn:popsight:problem:too-slow\"");
    }
  }

  @Test
  void photoOfAStreamThatTrickles_endsTheStream() throws Exception {
    assertThat(trickled("/v1/stream", "multipart/mixed; boundary=b", CHUNKED))
        .startsWith("HTTP/1.1 200")
        .containsOnlyOnce("\"index\":0")
        .contains("urn:popsight:problem:too-slow")
        .endsWith("\r\n0\r\n\r\n");
  }

  @Test
  void pauseBetweenPhotosOfAStream_isLetBe() throws Exception {
    try (Socket socket = new Socket("localhost", port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
              "/v1/stream",
              "multipart/mixed; boundary=b",
              "Connection: close\r\nContent-Length: "
                  + (2 * (PART.length() + TestPhotos.cells().length) + END.length())));
      for (int i = 0; i < 2; i++) {
        out.write(ascii(PART));
        out.write(TestPhotos.cells());
        Thread.sleep(Duration.ofSeconds(3));
      }
      out.write(ascii(END));

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .contains("\"index\":0", "\"index\":1")
          .doesNotContain("problem");
    }
  }

  /** Until there is an answer. */
  private String trickled(String path, String type, String length) throws IOException {
    byte[] next = ascii(length.equals(CHUNKED) ? "1\r\nx\r\n" : "x");
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket("localhost", port)) {
      socket.setSoTimeout(50);
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      out.write(head(path, type, length));
      if (type.startsWith("multipart/")) {
        out.write(
            ascii(length.equals(CHUNKED) ? "%x\r\n%s\r\n".formatted(PART.length(), PART) : PART));
      }
      boolean open = true;
      while (open) {
        try {
          int read = in.read();
          open = read >= 0;
          if (open) {
            answer.write(read);
          }
        } catch (SocketTimeoutException e) {
          out.write(next);
        }
      }
    } catch (SocketException e) {
      // Hung up on while the next byte was under way.
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  private static byte[] head(String path, String type, String length) {
    return ascii(
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n%s\r\n\r\n"
            .formatted(path, type, length));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
