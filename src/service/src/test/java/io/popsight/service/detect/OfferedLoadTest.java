package io.popsight.service.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OfferedLoadTest {

  private static final double WINDOW = 500e6;
  private static final long MILLI = 1_000_000;

  private final OfferedLoad load = new OfferedLoad(0);

  @Test
  void callersWhoWaitForTheirAnswers_askForOneWorkerWhateverAPhotoTakes() {
    long now = 0;
    for (int photo = 0; photo < 400; photo++) {
      // Every fourth tenth of a second the machine is busy with something else.
      long took = now / (100 * MILLI) % 4 == 3 ? 25 * MILLI : 5 * MILLI;
      now += took;
      load.done(took);
      load.asked();
      assertThat(load.workers(now, WINDOW)).isLessThan(1.1);
    }
  }

  @Test
  void fiveTimesAsManyAsAreDone_askForFiveWorkers() {
    long now = 0;
    double workers = 0;
    for (int photo = 0; photo < 400; photo++) {
      now += 5 * MILLI;
      load.done(5 * MILLI);
      for (int asked = 0; asked < 5; asked++) {
        load.asked();
      }
      workers = load.workers(now, WINDOW);
    }

    assertThat(workers).isCloseTo(5, within(0.1));
  }

  @Test
  void burstAtRest_asksForLittleOfAWindow() {
    for (int photo = 0; photo < 32; photo++) {
      load.asked();
    }
    for (int photo = 0; photo < 8; photo++) {
      load.done(5 * MILLI);
    }

    assertThat(load.workers(40 * MILLI, WINDOW)).isCloseTo(0.32, within(0.01));
  }

  @Test
  void beforeAnythingIsDone_nothingIsKnown() {
    for (int photo = 0; photo < 1000; photo++) {
      load.asked();
    }

    assertThat(load.workers(MILLI, WINDOW)).isZero();
  }
}
