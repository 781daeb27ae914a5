package io.popsight.trainer.run;

/** Means over the steps of an epoch so far. */
final class EpochMeans {

  private int steps;
  private double loss;
  private double scores;
  private double boxes;
  private double hoyer;
  private double spikeRate;

  void add(double loss, double scores, double boxes, double hoyer, double spikeRate) {
    steps++;
    this.loss += loss;
    this.scores += scores;
    this.boxes += boxes;
    this.hoyer += hoyer;
    this.spikeRate += spikeRate;
  }

  double loss() {
    return loss / steps;
  }

  double scores() {
    return scores / steps;
  }

  double boxes() {
    return boxes / steps;
  }

  double hoyer() {
    return hoyer / steps;
  }

  double spikeRate() {
    return spikeRate / steps;
  }
}
