package io.popsight.trainer.run;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The line that a person watches: steps done, time left, loss, spike rate, last mAP. */
public final class Progress implements AutoCloseable {

  private final ProgressBarBuilder shape;
  private Optional<ProgressBar> bar = Optional.empty();
  private OptionalDouble map50 = OptionalDouble.empty();

  /** A bar over the run's steps, on stderr. */
  public Progress(String name, long steps) {
    shape =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(2000)
            .setMaxRenderedLength(140);
  }

  /**
   * A step is done.
   *
   * @param waiting share of this epoch's time in which training stood still for want of photos
   */
  void step(int epoch, EpochMeans means, double waiting) {
    String told =
        "epoch %d, loss %.3f, spikes %.1f %%, waiting %.0f %%%s"
            .formatted(
                epoch + 1,
                means.loss(),
                100 * means.spikeRate(),
                100 * waiting,
                map50.isPresent() ? ", mAP50 %.3f".formatted(map50.getAsDouble()) : "");
    bar.ifPresent(shown -> shown.step().setExtraMessage(told));
  }

  /**
   * The run begins, or goes on: steps that were done before tell nothing of how long one takes now.
   */
  void begins(long done) {
    bar = Optional.of(shape.startsFrom(done, Duration.ZERO).build());
  }

  void evaluated(double map50) {
    this.map50 = OptionalDouble.of(map50);
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
  }
}
