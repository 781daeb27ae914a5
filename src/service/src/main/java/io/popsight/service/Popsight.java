package io.popsight.service;

import io.popsight.Build;
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

  /** The commands, with failures told in a line and not as a stack trace. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Popsight());
    String version = "popsight " + Build.version();
    line.getCommandSpec().version(version);
    line.getSubcommands().values().forEach(command -> command.getCommandSpec().version(version));
    line.setExecutionStrategy(
        parsed ->
            CommandEnd.done(
                new CommandLine.RunLast().execute(parsed), line.getOut(), line.getErr()));
    line.setExecutionExceptionHandler(
        (failure, command, _) ->
            CommandEnd.failed(failure, failure instanceof PhotoRefusedException, command.getErr()));
    return line;
  }
}
