package io.popsight.benchmarks;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a second thread gives a model in the popcount engine: one photo sooner, or more photos.
 *
 * @param oneMs median milliseconds of a photo on one thread
 * @param sharedMs the same where a second thread helps
 * @param onePerSecond photos a second of one thread
 * @param twoPerSecond photos a second of two threads, each with photos of its own
 */
record TwoThreads(double oneMs, double sharedMs, double onePerSecond, double twoPerSecond) {

  private static final int ROUNDS = 5;
  private static final long ROUND_NANOS = 700_000_000L;

  static TwoThreads of(ModelFile file) {
    try (IdleThread idle = new IdleThread();
        CompiledModel alone = compile(file, BackendSettings.DEFAULT);
        CompiledModel shared = compile(file, new BackendSettings(2, idle, Map.of()))) {
      Scratch one = scratch(alone);
      Scratch two = scratch(shared);
      double[] latency = Medians.of(() -> alone.run(one, 1), () -> shared.run(two, 1));
      double[] single = new double[ROUNDS];
      double[] both = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        single[round] = perSecond(alone, 1);
        both[round] = perSecond(alone, 2);
      }
      return new TwoThreads(latency[0], latency[1], Medians.median(single), Medians.median(both));
    }
  }

  private static CompiledModel compile(ModelFile file, BackendSettings settings) {
    return Backends.installed().open("popcount", settings).compile(file);
  }

  /** Memory with a random photo in it. */
  static Scratch scratch(CompiledModel model) {
    Scratch scratch = model.newScratch(1);
    new Random(4).nextBytes(scratch.pixels());
    return scratch;
  }

  private static double perSecond(CompiledModel model, int threads) {
    AtomicLong photos = new AtomicLong();
    List<Thread> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      running.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    Scratch scratch = scratch(model);
                    while (System.nanoTime() - start < ROUND_NANOS) {
                      model.run(scratch, 1);
                      photos.incrementAndGet();
                    }
                  }));
    }
    try {
      for (Thread thread : running) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    return photos.get() * 1e9 / (System.nanoTime() - start);
  }
}
