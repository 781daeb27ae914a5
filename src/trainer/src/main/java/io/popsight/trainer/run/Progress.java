package io.popsight.trainer.run;

import java.util.OptionalDouble;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The line that a person watches: steps done, time left, loss, spike rate, last mAP. */
public final class Progress implements AutoCloseable {

  private final ProgressBar bar;
  private OptionalDouble map50 = OptionalDouble.empty();

  /** A bar over the run's steps, on stderr. */
  public Progress(String name, long steps) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(2000)
            .setMaxRenderedLength(140)
            .build();
  }

  /**
   * A step is done.
   *
   * @param waiting share of this epoch's time in which training stood still for want of photos
   */
  void step(int epoch, EpochMeans means, double waiting) {
    bar.step();
    bar.setExtraMessage(
        "epoch %d, loss %.3f, spikes %.1f %%, waiting %.0f %%%s"
            .formatted(
                epoch + 1,
                means.loss(),
                100 * means.spikeRate(),
                100 * waiting,
                map50.isPresent() ? ", mAP50 %.3f".formatted(map50.getAsDouble()) : ""));
  }

  void resumed(long steps) {
    bar.stepTo(steps);
  }

  void evaluated(double map50) {
    this.map50 = OptionalDouble.of(map50);
  }

  @Override
  public void close() {
    bar.close();
  }
}
