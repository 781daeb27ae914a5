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

  /**
   * Two of its layers leave open which kernel is faster on a processor that counts the bits of
   * vectors, two others on one that does not.
   */
  private final ModelFile file = ModelFile.parse(RandomModels.file(19));

  @TempDir Path folder;

  @Test
  void raceIsRunOnceAndItsResultTaken() throws IOException {
    Path kept = raced();
    String counting = Files.readString(kept).replace("events", "counting");
    String events = counting.replace("counting", "events");

    Files.writeString(kept, counting);
    int without = eventSteps(compile("auto", folder));
    Files.writeString(kept, events);

    assertThat(eventSteps(compile("auto", folder))).isGreaterThan(without);
    assertThat(kept).hasContent(events);
  }

  @Test
  void resultsThatCannotBeRead_areMeasuredAgain() throws IOException {
    Path kept = raced();
    Files.writeString(kept, "fastest stage1\n\nevents");

    raced();

    assertThat(Files.readString(kept).lines())
        .hasSize(2)
        .allMatch(line -> line.matches("(events|counting) layer\\S+"));
  }

  @Test
  void folderThatCannotBeWritten_costsNothingButTheRace() throws IOException {
    Path notFolder = Files.writeString(folder.resolve("file"), "");

    assertThat(compile("auto", notFolder).kernels()).startsWith("vector-");
  }

  @Test
  void forcedKernels_runNoRace() throws IOException {
    assertThat(eventSteps(compile("vector", folder))).isZero();
    assertThat(eventSteps(compile("events", folder))).isPositive();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private CompiledModel compile(String kernels, Path races) {
    Map<String, String> options = Map.of("kernels", kernels, "races", races.toString());
    return new PopcountBackendProvider().open(new BackendSettings(1, options)).compile(file);
  }

  /** The file with both results; a race is off while the kernels are not compiled, so try again. */
  private Path raced() throws IOException {
    for (int tries = 0; tries < 20; tries++) {
      compile("auto", folder);
      try (Stream<Path> files = Files.list(folder)) {
        Optional<Path> whole = files.filter(kept -> results(kept) == 2).findFirst();
        if (whole.isPresent()) {
          return whole.get();
        }
      }
    }
    throw new AssertionError("no race was run to its end");
  }

  private static long results(Path kept) {
    try (Stream<String> lines = Files.lines(kept)) {
      return lines.filter(line -> line.contains("layer")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int eventSteps(CompiledModel model) {
    return (int)
        model.steps().stream().filter(step -> step.work().contains("event by event")).count();
  }
}
