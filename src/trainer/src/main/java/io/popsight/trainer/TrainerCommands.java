package io.popsight.trainer;

import io.popsight.Build;
import io.popsight.trainer.compare.CompareCommand;
import io.popsight.trainer.evaluate.EvalCommand;
import io.popsight.trainer.run.TrainCommand;
import io.popsight.trainer.run.TrainConfig;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
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
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line =
        new CommandLine(new TrainerCommands()).setCaseInsensitiveEnumValuesAllowed(true);
    String version = "popsight " + Build.version();
    line.getCommandSpec().version(version);
    line.getSubcommands().values().forEach(command -> command.getCommandSpec().version(version));
    CommandLine train = Objects.requireNonNull(line.getSubcommands().get("train"));
    // As it is: a footer would be folded, and the rest of a folded comment is no comment.
    train
        .getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_FOOTER, _ -> "%n%s".formatted(TrainConfig.keys()));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          boolean usage = failure instanceof IllegalArgumentException;
          command.getErr().println("popsight: " + message(failure));
          if (!(failure instanceof RuntimeException || failure instanceof IOException)) {
            failure.printStackTrace(command.getErr());
          }
          return usage ? 2 : 1;
        });
    return line;
  }

  /** Of file errors the class says what the message leaves out. */
  private static String message(Exception failure) {
    return switch (failure) {
      case NoSuchFileException e -> "there is no file " + e.getMessage();
      case AccessDeniedException e -> e.getMessage() + " may not be read or written";
      default -> String.valueOf(failure.getMessage());
    };
  }
}
