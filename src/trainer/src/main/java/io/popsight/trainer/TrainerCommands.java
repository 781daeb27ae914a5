package io.popsight.trainer;

import io.popsight.trainer.evaluate.EvalCommand;
import io.popsight.trainer.run.TrainCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The trainer's door: {@code train} and {@code eval}. */
@Command(
    name = "popsight",
    mixinStandardHelpOptions = true,
    subcommands = {TrainCommand.class, EvalCommand.class})
public final class TrainerCommands {

  private TrainerCommands() {}

  /** Exits with 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    CommandLine line = new CommandLine(new TrainerCommands());
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          boolean usage = failure instanceof IllegalArgumentException;
          command.getErr().println("popsight: " + failure.getMessage());
          if (!usage && !(failure instanceof RuntimeException)) {
            failure.printStackTrace(command.getErr());
          }
          return usage ? 2 : 1;
        });
    System.exit(line.execute(args));
  }
}
