package io.popsight.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.BackendSettings;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that ends while ONNX Runtime is at work ends as it was told to. */
class ExitTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void exit_whileSessionsAreOpened(int opened, @TempDir Path folder) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Opening.class.getName(),
                String.valueOf(opened))
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

  /** Opens session after session, and exits amidst them. */
  static final class Opening {

    private Opening() {}

    /** The argument is how many sessions are open before the process ends. */
    public static void main(String[] arguments) throws InterruptedException {
      OnnxBackend backend = new OnnxBackend(BackendSettings.DEFAULT);
      ModelFile file = ModelFile.parse(RandomModels.file(1));
      CountDownLatch opened = new CountDownLatch(Integer.parseInt(arguments[0]));
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                while (true) {
                  backend.compile(file).close();
                  opened.countDown();
                }
              });
      opened.await();
      System.exit(0);
    }
  }
}
