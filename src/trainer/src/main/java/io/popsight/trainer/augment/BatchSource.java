package io.popsight.trainer.augment;

import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Batches of varied samples, made ahead by background threads. Sample {@code i} of an epoch depends
 * on seed, epoch and {@code i} alone, so neither threads nor resuming change what is learned from.
 */
public final class BatchSource implements AutoCloseable {

  private static final int AHEAD = 4;

  private final PhotoCache photos;
  private final int height;
  private final int width;
  private final int batch;
  private final long seed;
  private final ExecutorService threads;
  private long waitedNanos;

  /**
   * A source over a data set.
   *
   * @param height rows of a sample
   * @param width columns of a sample
   * @param batch samples a batch
   * @param cacheBytes memory for decoded photos, at most half of Java's
   */
  public BatchSource(
      DataSet set, int height, int width, int batch, long seed, int threads, long cacheBytes) {
    long room = Math.min(cacheBytes, Runtime.getRuntime().maxMemory() / 2);
    this.photos = new PhotoCache(set, height, width, room);
    this.height = height;
    this.width = width;
    this.batch = batch;
    this.seed = seed;
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().name("samples-", 0).daemon().factory());
  }

  /**
   * Samples for one step.
   *
   * @param pixels layout [N][rows][columns][3]
   * @param objects of each sample
   */
  public record Batch(byte[] pixels, List<List<GroundTruth>> objects) {}

  /** What is done with a batch. */
  @FunctionalInterface
  public interface Step {
    /** Uses a batch; false asks for no more. */
    boolean accept(Batch batch);
  }

  /** Batches an epoch: the last photos that fill none are left out, others each time. */
  public int batchesPerEpoch() {
    return Math.max(1, photos.size() / batch);
  }

  /** Nanoseconds that the consumer waited for samples so far. */
  public long waitedNanos() {
    return waitedNanos;
  }

  /** Hands the batches of an epoch to a step, in order. */
  public void epoch(int epoch, AugmentSettings settings, Step step) {
    epoch(epoch, settings, 0, batchesPerEpoch(), step);
  }

  /**
   * Hands some batches of an epoch to a step, in order.
   *
   * @param from number of the first
   * @param to number after the last
   */
  public void epoch(int epoch, AugmentSettings settings, int from, int to, Step step) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < Math.max(batch, photos.size()); i++) {
      order.add(i % photos.size());
    }
    Collections.shuffle(order, new Random(seed * 1_000_003 + epoch));
    Augmenter augmenter = new Augmenter(settings, photos, height, width);
    Queue<Future<Batch>> ahead = new ArrayDeque<>();
    int asked = from;
    for (int b = from; b < to; b++) {
      while (asked < to && asked < b + AHEAD) {
        int next = asked++;
        ahead.add(threads.submit(() -> make(augmenter, order, epoch, next)));
      }
      long start = System.nanoTime();
      Batch ready = await(ahead.remove());
      waitedNanos += System.nanoTime() - start;
      if (!step.accept(ready)) {
        ahead.forEach(future -> future.cancel(false));
        return;
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private Batch make(Augmenter augmenter, List<Integer> order, int epoch, int number) {
    int bytes = height * width * 3;
    byte[] pixels = new byte[batch * bytes];
    List<List<GroundTruth>> objects = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      int position = number * batch + i;
      SplittableRandom random =
          new SplittableRandom((seed * 1_000_003 + epoch) * 1_000_003 + position);
      Sample sample = augmenter.make(order.get(position), random);
      System.arraycopy(sample.rgb(), 0, pixels, i * bytes, bytes);
      objects.add(sample.objects());
    }
    return new Batch(pixels, objects);
  }

  private static Batch await(Future<Batch> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a sample could not be made: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
