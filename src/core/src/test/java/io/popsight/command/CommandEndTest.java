package io.popsight.command;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.popsight.NativeLibrary;
import io.popsight.NativeLibraryException;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandEndTest {

  private final StringWriter told = new StringWriter();
  private final PrintWriter err = new PrintWriter(told, true);

  @Test
  void outputThatIsWritten_leavesTheCode() {
    StandardOutput out = new StandardOutput(OutputStream.nullOutputStream());
    out.println("found");

    assertThat(CommandEnd.done(0, out, err)).isZero();
    assertThat(CommandEnd.done(2, out, err)).isEqualTo(2);
    assertThat(told).hasToString("");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void outputOnAFullDisk_isAFailureWithItsReason() throws IOException {
    try (StandardOutput out = new StandardOutput(new FileOutputStream("/dev/full"))) {
      out.print("found");

      assertThat(CommandEnd.done(0, out, err)).isOne();
    }
    assertThat(told.toString().lines())
        .containsExactly("popsight: the output could not be written: No space left on device");
  }

  @Test
  void closedPipe_isAFailureThatNobodyIsToldOf() {
    StandardOutput out =
        new StandardOutput(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
              }
            });
    out.println("found");

    assertThat(CommandEnd.done(0, out, err)).isOne();
    assertThat(told).hasToString("");
  }

  @Test
  void fileErrors_areTold_withoutATrace() {
    assertThat(
            CommandEnd.failed(
                new UncheckedIOException(
                    new FileSystemException("a.jpg", null, "No space left on device")),
                false,
                err))
        .isOne();
    assertThat(CommandEnd.failed(new IllegalArgumentException("--iou"), false, err)).isEqualTo(2);
    assertThat(told.toString().lines())
        .containsExactly("popsight: a.jpg: No space left on device", "popsight: --iou");
  }

  @Test
  void whatIsNotThere_isWrongUsage() {
    Path nowhere = Path.of("nowhere.onnx");

    assertThat(CommandEnd.failed(new NoSuchFileException("b.svg"), false, err)).isEqualTo(2);
    assertThatThrownBy(() -> ModelFile.read(nowhere))
        .isInstanceOfSatisfying(
            ModelRefusedException.class,
            failure -> assertThat(CommandEnd.failed(failure, false, err)).isEqualTo(2));
    assertThat(told.toString().lines())
        .containsExactly(
            "popsight: there is no file or folder b.svg",
            "popsight: there is no file nowhere.onnx");
  }

  @Test
  void nativeLibraryThatCannotBeLoaded_isTold_withoutATrace() {
    NativeLibrary library =
        NativeLibrary.load(
            "OpenCV",
            "cachedir",
            () -> "/c",
            150,
            () -> {
              throw new UnsatisfiedLinkError("no cache");
            });

    NativeLibraryException failure = assertThrows(NativeLibraryException.class, library::require);

    assertThat(CommandEnd.failed(failure, false, err)).isOne();
    assertThat(told.toString().lines())
        .singleElement(as(STRING))
        .startsWith("popsight: OpenCV cannot be loaded: no cache. It is unpacked into /c, ");
  }

  @Test
  void faultsOfOurOwn_haveTheirTrace() {
    assertThat(CommandEnd.failed(new IllegalStateException("so"), false, err)).isOne();
    assertThat(told.toString()).startsWith("popsight: so").contains("\tat ");
    told.getBuffer().setLength(0);
    assertThat(CommandEnd.failed(new IllegalStateException("so"), true, err)).isOne();
    assertThat(told.toString().lines()).containsExactly("popsight: so");
  }

  @Test
  void numbers_haveAPointOnAMachineOfAnyLanguage() {
    Runnable half =
        () -> {
          err.print("%.1f of %,d; ".formatted(0.5, 1000));
          // Which asks for another default.
          err.printf("%.1f of %,d", 0.5, 1000);
        };
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);

      CommandEnd.of(new CommandLine(CommandSpec.wrapWithoutInspection(half)), _ -> false).execute();
    } finally {
      Locale.setDefault(before);
    }
    assertThat(told).hasToString("0.5 of 1,000; 0.5 of 1,000");
  }
}
