package io.popsight.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.Build;
import io.popsight.trainer.run.TrainConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerCommandsTest {

  @Test
  void trainHelp_endsInTheKeysAsTheyAre_soThatTheyCanBeCopied() {
    StringWriter out = new StringWriter();

    int code =
        TrainerCommands.commandLine().setOut(new PrintWriter(out, true)).execute("train", "--help");

    assertThat(code).isZero();
    assertThat(out.toString()).endsWith(TrainConfig.keys()).contains("--check");
  }

  @Test
  void wrongOption_isSaidWithoutTheHelp() {
    StringWriter err = new StringWriter();

    int code =
        TrainerCommands.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute("train", "mine.yaml", "--epochs=3");

    assertThat(code).isEqualTo(2);
    assertThat(err.toString().lines())
        .startsWith("popsight: Unknown option: '--epochs=3'")
        .endsWith("What there is: popsight train --help");
  }

  @Test
  void lostOutput_isAFailure() {
    PrintWriter lost = new PrintWriter(Writer.nullWriter());
    lost.close();
    StringWriter err = new StringWriter();

    int code =
        TrainerCommands.commandLine()
            .setOut(lost)
            .setErr(new PrintWriter(err, true))
            .execute("--version");

    assertThat(code).isOne();
    assertThat(err.toString().lines()).containsExactly("popsight: the output could not be written");
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "eval", "compare"})
  void version_isToldByEveryCommand(String command) {
    StringWriter out = new StringWriter();

    int code =
        TrainerCommands.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute(command, "--version");

    assertThat(code).isZero();
    assertThat(out).hasToString("popsight " + Build.version() + System.lineSeparator());
  }
}
