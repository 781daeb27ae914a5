package io.popsight.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.BackendSettings;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that use ONNX Runtime end without a crash. */
class ExitTest {

  /** Of names of photos, say; a shell allows two megabytes. */
  private static final int LONG_COMMAND_LINE = 100_000;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void exit_whileSessionsAreOpened(int opened, @TempDir Path folder) throws Exception {
    assertThatItEndsWell(folder, String.valueOf(opened));
  }

  @Test
  void longCommandLine(@TempDir Path folder) throws Exception {
    assertThatItEndsWell(folder, "1", "x".repeat(LONG_COMMAND_LINE));
  }

  private static void assertThatItEndsWell(Path folder, String... arguments) throws Exception {
    Path output = folder.resolve("output");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Opening.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(() -> "134 and 139 are crashes: " + read(output)).isZero();
  }

  private static String read(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens session after session, and goes on for a while after the exit, as draining does. */
  static final class Opening {

    private Opening() {}

    /** The argument is how many sessions are opened before the process is told to end. */
    public static void main(String[] arguments) throws InterruptedException {
      OnnxBackend backend = new OnnxBackend(BackendSettings.DEFAULT);
      ModelFile file = ModelFile.parse(RandomModels.file(1));
      CountDownLatch opened = new CountDownLatch(Integer.parseInt(arguments[0]));
      AtomicBoolean drained = new AtomicBoolean();
      Thread opening =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    while (!drained.get()) {
                      backend.compile(file).close();
                      opened.countDown();
                    }
                  });
      opened.await();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(drained, opening)));
      System.exit(0);
    }

    private static void drain(AtomicBoolean drained, Thread opening) {
      try {
        Thread.sleep(500);
        drained.set(true);
        opening.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
