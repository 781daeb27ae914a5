package io.popsight.service;

import io.popsight.command.CommandEnd;
import io.popsight.command.StandardOutput;
import io.popsight.imaging.PhotoRefusedException;
import io.popsight.service.command.DetectCommand;
import io.popsight.service.command.DriftCommand;
import io.popsight.service.command.InspectCommand;
import io.popsight.service.command.ServeCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The service's door: {@code serve}, {@code detect}, {@code inspect} and {@code drift}. */
@Command(
    name = "popsight",
    mixinStandardHelpOptions = true,
    subcommands = {
      ServeCommand.class,
      DetectCommand.class,
      InspectCommand.class,
      DriftCommand.class
    })
public final class Popsight {

  private Popsight() {}

  /** Exits with 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(commandLine().setOut(new StandardOutput()).execute(args));
  }

  /** The commands. */
  public static CommandLine commandLine() {
    return CommandEnd.of(
        new CommandLine(new Popsight()), failure -> failure instanceof PhotoRefusedException);
  }
}
