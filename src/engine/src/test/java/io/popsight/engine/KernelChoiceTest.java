package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelChoiceTest {

  private final ModelFile file = ModelFile.parse(RandomModels.file(3));

  @Test
  void forcedKernels_areTheOnesThatRun() {
    assertThat(compile("scalar").kernels()).isEqualTo("scalar");
    String bits = System.getProperty("popsight.vectorBits", "(128|256|512)");
    assertThat(compile("vector").kernels()).matches("vector-" + bits);
    assertThat(compile("auto").kernels()).isEqualTo(compile("vector").kernels());
  }

  @Test
  void unknownKernels_areRefusedByName() {
    assertThatThrownBy(() -> compile("quantum"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown kernels 'quantum'; there are auto, scalar, vector, events");
  }

  /**
   * The bytes of a measuring call itself are the tolerance: a run that allocates makes kilobytes.
   */
  @ParameterizedTest(name = "{0}, seed {1}")
  @CsvSource({"vector, 3", "vector, 12", "events, 3"}) // 12 has depthwise layers
  void run_allocatesNothing(String kernels, long seed) {
    CompiledModel model = compile(kernels, ModelFile.parse(RandomModels.file(seed)));
    Scratch scratch = model.newScratch(1);
    // Until C2 has compiled the kernels, vectors live on the heap; on busy cores that takes a
    // while.
    long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    long allocated = allocatedByARun(model, scratch);
    while (allocated >= 64 && System.nanoTime() < patience) {
      allocated = allocatedByARun(model, scratch);
    }
    assertThat(allocated).isLessThan(64);
  }

  /** Bytes, the mean of many runs. */
  private static long allocatedByARun(CompiledModel model, Scratch scratch) {
    int runs = 1_000;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < runs; i++) {
      model.run(scratch, 1);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / runs;
  }

  private CompiledModel compile(String kernels) {
    return compile(kernels, file);
  }

  private static CompiledModel compile(String kernels, ModelFile file) {
    return new PopcountBackendProvider()
        .open(new BackendSettings(1, Map.of("kernels", kernels)))
        .compile(file);
  }
}
