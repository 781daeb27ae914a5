package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Callers that leave before they are answered spend none of our error budget. */
@ExtendWith(OutputCaptureExtension.class)
class GoneCallerIT extends OwnDoor {

  private static final String CANCELLED = "outcome=\"cancelled\"";
  private static final String ERROR = "outcome=\"error\"";
  private static final String REJECTED = "popsight_requests_rejected_total{";
  private static final String INTERNAL = "reason=\"internal";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Answers larger than what is buffered on their way: only then is it noticed that they fail. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "explain=spikes&min_score=0.015",
        "min_score=0.015&iou=1&max_detections=3000",
        "explain=spikes&picture=png"
      })
  void answerThatNobodyReads_isCancelledAndNoErrorOfOurs(String query, CapturedOutput log)
      throws Exception {
    leaveUntilCancelled(query, TestPhotos.cells().length, log);
  }

  @Test
  void photoThatIsNotSentToItsEnd_isCancelledToo(CapturedOutput log) throws Exception {
    leaveUntilCancelled("", TestPhotos.cells().length / 2, log);
  }

  private void leaveUntilCancelled(String query, int bytes, CapturedOutput log) throws Exception {
    MeasuredRequests measured = new MeasuredRequests(uri("/").getPort());
    double wanted = measured.with(CANCELLED) + 5;
    double errors = measured.with(ERROR);
    double internal = measured.sum(REJECTED, INTERNAL);
    long end = System.nanoTime() + PATIENCE.toNanos();

    // Now and then the line breaks before the photo is read, or after the answer is written.
    while (measured.with(CANCELLED) < wanted && System.nanoTime() < end) {
      askAndLeave(query, bytes);
    }

    assertThat(measured.with(CANCELLED)).isGreaterThanOrEqualTo(wanted);
    assertThat(measured.with(ERROR)).isEqualTo(errors);
    assertThat(measured.sum(REJECTED, INTERNAL)).isEqualTo(internal);
    assertThat(log.getAll()).doesNotContain("Response already committed", "ERROR");
  }

  private void askAndLeave(String query, int bytes) throws IOException, InterruptedException {
    byte[] photo = TestPhotos.cells();
    String accept = query.contains("picture=png") ? "image/png" : "application/json";
    try (Socket socket = new Socket("localhost", uri("/").getPort())) {
      socket.setSoLinger(true, 0);
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /v1/detect?%s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
              .formatted(query, accept, photo.length)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(photo, 0, bytes);
      out.flush();
      // A reset throws away what the service has not read yet.
      Thread.sleep(5);
    }
  }
}
