package io.popsight.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.trainer.run.TrainConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TrainerCommandsTest {

  @Test
  void trainHelp_endsInTheKeysAsTheyAre_soThatTheyCanBeCopied() {
    StringWriter out = new StringWriter();

    int code =
        TrainerCommands.commandLine().setOut(new PrintWriter(out, true)).execute("train", "--help");

    assertThat(code).isZero();
    assertThat(out.toString()).endsWith(TrainConfig.keys()).contains("--check");
  }
}
