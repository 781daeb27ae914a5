package io.popsight.service.deepstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.service.detect.PhotoAnswer;
import java.util.List;
import org.junit.jupiter.api.Test;

class VisionAnswerTest {

  @Test
  void timeInTheQueue_isOfTheRoundTripAlone() {
    VisionAnswer answer =
        VisionAnswer.of(
            new PhotoAnswer(
                "m",
                "1",
                "popcount",
                new PhotoAnswer.Image(640, 480),
                List.of(),
                new PhotoAnswer.Timings(70, 5, 5, 15, 5, 100),
                List.of(),
                "id"));

    assertThat(answer.inferenceMs()).isEqualTo(15);
    assertThat(answer.processMs()).isEqualTo(30);
    assertThat(answer.analysisRoundTripMs()).isEqualTo(100);
  }
}
