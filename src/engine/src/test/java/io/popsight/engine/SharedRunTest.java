package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One photo on several threads: the answer is that of one. */
@Timeout(120)
class SharedRunTest {

  private static final int RUNS = 3;

  /** Photos that take far longer than a helper needs to come and go. */
  private static final int LONG_RUN = 20;

  /** Each time a helper stayed, it would look for chunks some thousand times. */
  private static final int TIMES_TO_HELP = 100_000;

  static LongStream seeds() {
    return LongStream.range(0, 30);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyNumberOfThreads_givesTheAnswerOfOne(long seed) {
    ModelFile file = ModelFile.parse(RandomModels.file(seed));
    int threads = 2 + (int) (seed % 4);
    String kernels = seed % 2 == 0 ? "vector" : "scalar";
    CompiledModel alone = Answers.compile(file, kernels, 1, Helpers.NONE);
    try (HelperThreads helpers = new HelperThreads(4)) {
      CompiledModel shared = Answers.compile(file, kernels, threads, helpers);
      Scratch scratch = shared.newScratch(2);
      for (int run = 0; run < RUNS; run++) {
        assertThat(Answers.of(shared, scratch, seed + run))
            .isEqualTo(Answers.of(alone, alone.newScratch(2), seed + run));
      }
    }
  }

  @Test
  void helpersComeTwiceAndLate_takeNothingTwice() throws InterruptedException {
    ModelFile file = ModelFile.parse(RandomModels.file(1));
    CompiledModel alone = Answers.compile(file, "vector", 1, Helpers.NONE);
    List<Thread> late = new ArrayList<>();
    Helpers disorderly =
        (task, most) -> {
          Thread.ofPlatform().start(task);
          Thread.ofPlatform().start(task);
          Thread.ofPlatform().start(task);
          late.add(
              Thread.ofPlatform()
                  .start(
                      () -> {
                        LockSupport.parkNanos(1_000);
                        task.run();
                      }));
        };
    CompiledModel shared = Answers.compile(file, "vector", 2, disorderly);
    Scratch scratch = shared.newScratch(1);
    for (int run = 0; run < 60; run++) {
      assertThat(Answers.of(shared, scratch, run))
          .isEqualTo(Answers.of(alone, alone.newScratch(1), run));
    }
    for (Thread thread : late) {
      thread.join();
    }
  }

  @Test
  void helperThatIsCalledAway_goesInTheMiddleOfARun() throws Exception {
    CompletableFuture<Runnable> invitation = new CompletableFuture<>();
    ModelFile file = ModelFile.read(Path.of("../../models/popsight-cells.onnx"));
    CompiledModel shared =
        Answers.compile(file, "vector", 2, (task, most) -> invitation.complete(task));
    Scratch scratch = shared.newScratch(LONG_RUN);
    AtomicInteger runs = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!enough.get()) {
                    shared.run(scratch, LONG_RUN);
                    runs.incrementAndGet();
                  }
                });
    Runnable task = invitation.join();

    Thread.currentThread().interrupt();
    int before = runs.get();
    for (int i = 0; i < TIMES_TO_HELP; i++) {
      task.run();
    }
    int meanwhile = runs.get() - before;

    assertThat(Thread.interrupted()).isTrue();
    enough.set(true);
    caller.join();
    // None, unless this thread was held up; about a hundred where helpers stay.
    assertThat(meanwhile).isLessThan(30);
  }

  /** Rows go to whoever asks first, so any one run may stay with the caller; many do not. */
  @Test
  void idleHelpers_takePart_neverMoreThanAskedFor() {
    ModelFile file = ModelFile.parse(RandomModels.file(4));
    ConcurrentHashMap<Thread, Boolean> came = new ConcurrentHashMap<>();
    try (HelperThreads threads = new HelperThreads(4)) {
      Helpers watched =
          (task, most) -> {
            assertThat(most).isEqualTo(2);
            threads.invite(
                () -> {
                  came.put(Thread.currentThread(), true);
                  task.run();
                },
                most);
          };
      CompiledModel shared = Answers.compile(file, "vector", 3, watched);
      Scratch scratch = shared.newScratch(1);
      while (came.size() < 2) {
        shared.run(scratch, 1);
      }
    }
  }
}
