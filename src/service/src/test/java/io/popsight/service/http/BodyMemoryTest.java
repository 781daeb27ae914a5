package io.popsight.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class BodyMemoryTest {

  private static final int MEGABYTE = 1 << 20;

  private final BodyMemory bodies = new BodyMemory(10 * MEGABYTE);

  @Test
  void largeBodies_waitForEachOther_smallOnesForNobody() {
    BodyMemory.Share first = held(6 * MEGABYTE);

    assertRefused(Refusal.QUEUE_FULL, () -> held(5 * MEGABYTE));
    BodyMemory.Share _ = held(4 * MEGABYTE);
    BodyMemory.Share _ = held(MEGABYTE);
    assertRefused(Refusal.QUEUE_FULL, () -> held(2 * MEGABYTE));

    first.close();
    BodyMemory.Share _ = held(5 * MEGABYTE);
  }

  @Test
  void bodyThatNeverFits_isTooLarge() {
    assertRefused(Refusal.TOO_LARGE, () -> held(11 * MEGABYTE));
    BodyMemory.Share _ = held(10 * MEGABYTE);
  }

  @Test
  void bodyOfUnknownLength_countsAsItComes() throws IOException {
    BodyMemory.Share _ = held(8 * MEGABYTE);
    try (BodyMemory.Share share = bodies.open()) {
      assertThat(CountedBody.of(unknown(2), share).getInputStream().readAllBytes())
          .hasSize(2 * MEGABYTE);
    }
    try (BodyMemory.Share share = bodies.open()) {
      assertRefused(
          Refusal.QUEUE_FULL,
          () -> CountedBody.of(unknown(3), share).getInputStream().readAllBytes());
    }
    BodyMemory.Share _ = held(2 * MEGABYTE);
  }

  @Test
  void parts_countWithTheirCopies() {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/detect");
    request.setContentType("multipart/form-data; boundary=x");
    request.setContent(new byte[2 * MEGABYTE]);
    HttpServletRequest _ = CountedBody.of(request, bodies.open());

    assertRefused(Refusal.QUEUE_FULL, () -> held(5 * MEGABYTE));
    BodyMemory.Share _ = held(4 * MEGABYTE);
  }

  /** A multiple of each is a small number where it overflows. */
  @ParameterizedTest
  @ValueSource(longs = {1L << 61, 1L << 62, (1L << 62) + 1, Long.MAX_VALUE})
  void lengthBeyondAllNumbers_isTooLarge(long length) {
    for (String type : List.of("application/json", "multipart/form-data; boundary=x")) {
      MockHttpServletRequest request = said("/v2/models/a/infer", length);
      request.setContentType(type);
      assertRefused(Refusal.TOO_LARGE, () -> CountedBody.of(request, bodies.open()));
    }
    BodyMemory.Share _ = held(10 * MEGABYTE);
    assertRefused(Refusal.QUEUE_FULL, () -> held(2 * MEGABYTE));
  }

  @Test
  void documents_countWithTheirCopies() {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v2/models/a/infer");
    request.setContent(new byte[2 * MEGABYTE]);
    HttpServletRequest _ = CountedBody.of(request, bodies.open());

    assertRefused(Refusal.QUEUE_FULL, () -> held(3 * MEGABYTE));
    BodyMemory.Share _ = held(2 * MEGABYTE);
  }

  private BodyMemory.Share held(int bytes) {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/detect");
    request.setContent(new byte[bytes]);
    BodyMemory.Share share = bodies.open();
    assertThat(CountedBody.of(request, share)).isSameAs(request);
    return share;
  }

  private static MockHttpServletRequest unknown(int megabytes) {
    MockHttpServletRequest request = said("/v1/detect", -1);
    request.setContent(new byte[megabytes * MEGABYTE]);
    return request;
  }

  private static MockHttpServletRequest said(String path, long length) {
    return new MockHttpServletRequest("POST", path) {
      @Override
      public long getContentLengthLong() {
        return length;
      }
    };
  }

  private static void assertRefused(Refusal why, ThrowingCallable reading) {
    assertThatThrownBy(reading)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(why));
  }
}
