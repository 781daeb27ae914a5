package io.popsight.service.metrics;

import io.popsight.service.detect.PhotoAnswer.SpikeRate;
import java.util.List;

/**
 * How far a model's layers fire from how they fired over the training photos: other light, another
 * camera, a dirty lens show before anybody has labelled a photo.
 *
 * <p>A layer's drift is {@code |live - training| / max(0.01, training)}, where live is the mean
 * rate over about the last fifty photos; a model's is the mean over its layers. 0 is as in
 * training, 1 is twice the spikes, or none.
 */
public final class SpikeDrift {

  private static final double LEAST_WEIGHT = 0.02;

  /** A layer that fired less in training would make a large drift of nothing. */
  private static final double LEAST_RATE = 0.01;

  private final double[] live;
  private final double[] training;
  private long photos;

  /** Of a model with these layers. */
  public SpikeDrift(List<SpikeRate> layers) {
    this(layers.stream().mapToDouble(SpikeRate::trainingRate).toArray());
  }

  /** Of a model whose layers fired so in training. */
  SpikeDrift(double... training) {
    this.live = new double[training.length];
    this.training = training;
  }

  /** Takes a photo in; its layers are those of the constructor. */
  public synchronized void seen(List<SpikeRate> layers) {
    photos++;
    double weight = Math.max(LEAST_WEIGHT, 1.0 / photos);
    for (int l = 0; l < live.length; l++) {
      live[l] += weight * (layers.get(l).rate() - live[l]);
    }
  }

  /** Of a layer; 0 before the first photo. */
  synchronized double ofLayer(int layer) {
    double least = Math.max(LEAST_RATE, training[layer]);
    return photos == 0 ? 0 : Math.abs(live[layer] - training[layer]) / least;
  }

  /** Of the model. */
  public synchronized double ofModel() {
    double sum = 0;
    for (int l = 0; l < live.length; l++) {
      sum += ofLayer(l);
    }
    return sum / live.length;
  }
}
