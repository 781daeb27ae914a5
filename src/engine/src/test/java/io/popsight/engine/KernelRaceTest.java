package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.CompiledModel;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured between counting and going event by event, and what becomes of it. */
class KernelRaceTest {

  /** A race is off while the kernels are not compiled. */
  private static final int TRIES = 20;

  @TempDir Path folder;

  @Test
  void raceIsRunOnceAndItsResultTaken() throws IOException {
    Raced raced = raced();
    String counting = Files.readString(raced.kept()).replace("events", "counting");
    String events = counting.replace("counting", "events");

    Files.writeString(raced.kept(), counting);
    int without = eventSteps(compile(raced.file(), "auto", folder));
    Files.writeString(raced.kept(), events);

    assertThat(eventSteps(compile(raced.file(), "auto", folder))).isGreaterThan(without);
    assertThat(raced.kept()).hasContent(events);
  }

  @Test
  void resultsThatCannotBeRead_areMeasuredAgain() throws IOException {
    Raced raced = raced();
    Files.writeString(raced.kept(), "fastest stage1\n\nevents");

    for (int tries = 0; tries < TRIES && !hasResult(raced.kept()); tries++) {
      compile(raced.file(), "auto", folder);
    }

    assertThat(Files.readString(raced.kept()).lines())
        .allMatch(line -> line.matches("(events|counting) layer\\S+"));
  }

  @Test
  void folderThatCannotBeWritten_costsNothingButTheRace() throws IOException {
    Path notFolder = Files.writeString(folder.resolve("file"), "");

    ModelFile file = withRate(0.2);
    assertThat(compile(file, "auto", notFolder).kernels()).startsWith("vector-");
  }

  @Test
  void forcedKernels_runNoRace() throws IOException {
    ModelFile file = withRate(0.2);
    assertThat(eventSteps(compile(file, "vector", folder))).isZero();
    assertThat(eventSteps(compile(file, "events", folder))).isPositive();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private static CompiledModel compile(ModelFile file, String kernels, Path races) {
    Map<String, String> options = Map.of("kernels", kernels, "races", races.toString());
    return new PopcountBackendProvider().open(new BackendSettings(1, options)).compile(file);
  }

  /**
   * A file that leaves open which kernel is faster, and where the results of its races are kept.
   */
  private record Raced(ModelFile file, Path kept) {}

  /**
   * From few spikes to many: somewhere between, it is open what is faster on this processor,
   * however it counts.
   */
  private Raced raced() throws IOException {
    for (int tries = 0; tries < TRIES; tries++) {
      for (double rate = 0.005; rate < 1; rate *= 1.2) {
        ModelFile file = withRate(rate);
        compile(file, "auto", folder);
        try (Stream<Path> files = Files.list(folder)) {
          Optional<Path> kept = files.filter(KernelRaceTest::hasResult).findFirst();
          if (kept.isPresent()) {
            return new Raced(file, kept.get());
          }
        }
      }
    }
    throw new AssertionError("no race was run to its end");
  }

  private static ModelFile withRate(double rate) {
    return ModelFile.parse(RandomModels.file(19, rate));
  }

  private static boolean hasResult(Path kept) {
    try (Stream<String> lines = Files.lines(kept)) {
      return lines.anyMatch(line -> line.contains("layer"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int eventSteps(CompiledModel model) {
    return (int)
        model.steps().stream().filter(step -> step.work().contains("event by event")).count();
  }
}
