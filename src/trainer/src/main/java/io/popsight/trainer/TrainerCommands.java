package io.popsight.trainer;

import io.popsight.command.CommandEnd;
import io.popsight.command.StandardOutput;
import io.popsight.trainer.compare.CompareCommand;
import io.popsight.trainer.evaluate.EvalCommand;
import io.popsight.trainer.run.TrainCommand;
import io.popsight.trainer.run.TrainConfig;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The trainer's door: {@code train}, {@code eval} and {@code compare}. */
@Command(
    name = "popsight",
    mixinStandardHelpOptions = true,
    subcommands = {TrainCommand.class, EvalCommand.class, CompareCommand.class})
public final class TrainerCommands {

  private TrainerCommands() {}

  /** Exits with 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(commandLine().setOut(new StandardOutput()).execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line =
        new CommandLine(new TrainerCommands()).setCaseInsensitiveEnumValuesAllowed(true);
    CommandLine train = Objects.requireNonNull(line.getSubcommands().get("train"));
    // As it is: a footer would be folded, and the rest of a folded comment is no comment.
    train
        .getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_FOOTER, _ -> "%n%s".formatted(TrainConfig.keys()));
    return CommandEnd.of(line, failure -> failure instanceof RuntimeException);
  }
}
