package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One compiled model used from many threads, while others are closed and loaded beside it. */
class ConcurrencyTest {

  private static final int THREADS = 6;
  private static final int PHOTOS = 8;
  private static final int RUNS = 100_000;

  @Test
  @Timeout(3600)
  void sharedModel_alwaysGivesTheSameAnswer() throws Exception {
    // Many steps of little work: threads hand over to each other as often as can be.
    ModelFile file = ModelFile.parse(RandomModels.file(32));
    CompiledModel alone = Answers.compile(file, "scalar", 1, Helpers.NONE);
    List<String> expected = new ArrayList<>();
    for (int photo = 0; photo < PHOTOS; photo++) {
      expected.add(Answers.of(alone, alone.newScratch(1), photo));
    }
    AtomicInteger left = new AtomicInteger(RUNS);
    AtomicBoolean over = new AtomicBoolean();
    try (HelperThreads helpers = new HelperThreads(2);
        CompiledModel shared = Answers.compile(file, "vector", 2, helpers);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1)) {
      Future<Integer> loading = threads.submit(() -> loadAndClose(helpers, over));
      List<Future<Void>> users = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        users.add(threads.submit(use(shared, expected, left)));
      }
      for (Future<Void> user : users) {
        user.get();
      }
      over.set(true);
      assertThat(loading.get()).isPositive();
    }
  }

  private static Callable<Void> use(
      CompiledModel shared, List<String> expected, AtomicInteger left) {
    return () -> {
      Scratch scratch = shared.newScratch(1);
      for (int run = left.getAndDecrement(); run > 0; run = left.getAndDecrement()) {
        int photo = run % PHOTOS;
        assertThat(Answers.of(shared, scratch, photo)).isEqualTo(expected.get(photo));
      }
      return null;
    };
  }

  private static int loadAndClose(Helpers helpers, AtomicBoolean over) throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of("../../models/popsight-cells.onnx"));
    String first = "";
    int loaded = 0;
    while (!over.get() || loaded == 0) {
      try (CompiledModel other = Answers.compile(ModelFile.parse(bytes), "vector", 2, helpers)) {
        String answer = Answers.of(other, other.newScratch(1), 1);
        first = loaded == 0 ? answer : first;
        assertThat(answer).isEqualTo(first);
        loaded++;
      }
    }
    return loaded;
  }
}
