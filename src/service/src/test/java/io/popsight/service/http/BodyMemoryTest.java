package io.popsight.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class BodyMemoryTest {

  private static final int MEGABYTE = 1 << 20;

  private final BodyMemory bodies = new BodyMemory(10 * MEGABYTE, 4 * MEGABYTE);

  @Test
  void largeBodies_waitForEachOther_smallOnesForNobody() {
    long first = bodies.take(body(6 * MEGABYTE));

    assertRefused(Refusal.QUEUE_FULL, body(5 * MEGABYTE));
    assertThat(bodies.take(body(4 * MEGABYTE))).isEqualTo(4 * MEGABYTE);
    assertThat(bodies.take(body(MEGABYTE))).isEqualTo(MEGABYTE);
    assertRefused(Refusal.QUEUE_FULL, body(2 * MEGABYTE));

    bodies.giveBack(first);
    assertThat(bodies.take(body(5 * MEGABYTE))).isEqualTo(5 * MEGABYTE);
  }

  @Test
  void bodyThatNeverFits_isTooLarge() {
    assertThat(bodies.take(body(10 * MEGABYTE))).isEqualTo(10 * MEGABYTE);
    assertRefused(Refusal.TOO_LARGE, body(11 * MEGABYTE));
  }

  @Test
  void bodyOfUnknownLength_countsAsTheLargestPhoto() {
    assertThat(bodies.take(new MockHttpServletRequest())).isEqualTo(4 * MEGABYTE);
    assertThat(bodies.take(new MockHttpServletRequest())).isEqualTo(4 * MEGABYTE);
    assertRefused(Refusal.QUEUE_FULL, new MockHttpServletRequest());
  }

  private void assertRefused(Refusal why, HttpServletRequest request) {
    assertThatThrownBy(() -> bodies.take(request))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(why));
  }

  private static HttpServletRequest body(int bytes) {
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setContent(new byte[bytes]);
    return request;
  }
}
