package io.popsight.service.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeastRateTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final LeastRate.Pace pace = new LeastRate(500, Duration.ofSeconds(20)).open();

  /** A kilobyte a second, and a line that is away for ten seconds out of twenty. */
  @Test
  void slowSender_isLetBe() {
    for (int minute = 0; minute < 600; minute++) {
      for (int i = 0; i < 10; i++) {
        pace.waited(SECOND, 1100);
      }
      pace.waited(10 * SECOND, 100);
    }
  }

  @Test
  void silence_isLetBeForAWhile() {
    pace.waited(20 * SECOND, 0);
    assertThatThrownBy(() -> pace.waited(SECOND / 10, 1))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.TOO_SLOW))
        .hasMessage("less than 500 bytes a second came for 20 s");
  }

  @Test
  void whatCameFast_isNoLeaveToTrickle() {
    pace.waited(SECOND, 30 << 20);
    for (int i = 0; i < 2; i++) {
      pace.waited(9 * SECOND, 1);
    }
    assertThatThrownBy(() -> pace.waited(9 * SECOND, 1)).isInstanceOf(RefusedException.class);
  }

  @Test
  void withoutARate_nobodyIsTooSlow() {
    LeastRate.Pace any = new LeastRate(0, Duration.ZERO).open();
    any.waited(Long.MAX_VALUE, 0);
    any.waited(Long.MAX_VALUE, 1);
  }
}
