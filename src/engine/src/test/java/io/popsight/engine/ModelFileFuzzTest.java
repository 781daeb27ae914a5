package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.RandomModels;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are refused in words, or run. A test looks at the seeds alone; Jazzer goes on from them
 * where coverage leads:
 *
 * <pre>JAZZER_FUZZ=1 ./mvnw -pl src/engine -am test -Done.width=true \
 *   -Dtest=ModelFileFuzzTest -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
class ModelFileFuzzTest {

  private static final int SEEDS = 40;
  private static final int SMALL = 32_000;

  /** Networks of every kind of node; small ones, whose bytes are structure more than weights. */
  static Stream<byte[]> networks() {
    return IntStream.iterate(0, seed -> seed + 1)
        .mapToObj(RandomModels::file)
        .filter(file -> file.length < SMALL)
        .limit(SEEDS);
  }

  @MethodSource("networks")
  @FuzzTest(maxDuration = "10m")
  void file_isRefusedInWords_orRuns(byte[] file) {
    try (CompiledModel model =
        Backends.installed()
            .open("popcount", BackendSettings.DEFAULT)
            .compile(ModelFile.parse(file))) {
      Scratch scratch = model.newScratch(1);
      RandomModels.fillPixels(1, scratch.pixels());
      model.run(scratch, 1);
    } catch (ModelRefusedException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }
}
