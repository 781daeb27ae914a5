package io.popsight.command;

import io.popsight.Build;
import io.popsight.NativeLibraryException;
import io.popsight.model.ModelRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.function.Predicate;
import picocli.CommandLine;

/**
 * How commands end: with 0 done, 1 failed or output that nobody takes, 2 wrong usage, such as a
 * file that is not there.
 */
public final class CommandEnd {

  private CommandEnd() {}

  /**
   * Gives commands their version and their end; what they fail at is told in a line and not as a
   * stack trace. From here on numbers are written as the documents show them, whatever the
   * machine's language: with a point.
   *
   * @param told whether it is one of the caller's failures whose message says all, besides those
   *     known here
   * @return the same
   */
  public static CommandLine of(CommandLine line, Predicate<Exception> told) {
    Locale.setDefault(Locale.ENGLISH);
    String version = "popsight " + Build.version();
    line.getCommandSpec().version(version);
    line.getSubcommands().values().forEach(command -> command.getCommandSpec().version(version));
    line.setExecutionStrategy(
        parsed -> done(new CommandLine.RunLast().execute(parsed), line.getOut(), line.getErr()));
    line.setExecutionExceptionHandler(
        (failure, command, _) -> failed(failure, told.test(failure), command.getErr()));
    line.setParameterExceptionHandler((wrong, _) -> misused(wrong));
    return line;
  }

  /** Without the help, which is longer than a terminal: what is wrong would be out of sight. */
  private static int misused(CommandLine.ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("popsight: " + wrong.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println("What there is: " + command.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return 2;
  }

  /**
   * Tells a failure: in a line where that says what is wrong, else with its trace.
   *
   * @param told whether it is one of the caller's kinds whose message says all, besides those known
   *     here
   * @return the exit code
   */
  static int failed(Exception failure, boolean told, PrintWriter err) {
    err.println("popsight: " + message(failure));
    if (!told
        && !(failure instanceof IllegalArgumentException
            || failure instanceof ModelRefusedException
            || failure instanceof NativeLibraryException
            || failure instanceof IOException
            || failure instanceof UncheckedIOException)) {
      failure.printStackTrace(err);
    }
    err.flush();
    return failure instanceof IllegalArgumentException || isMissing(failure) ? 2 : 1;
  }

  /** Whether what the caller named is not there, as whatever reads it tells. */
  private static boolean isMissing(Exception failure) {
    return failure instanceof NoSuchFileException
        || failure.getCause() instanceof NoSuchFileException;
  }

  /**
   * What a command ends with whose work is done: with a failure where its output was lost. That is
   * told unless the reader wanted no more, as {@code head} does.
   *
   * @return the exit code
   */
  static int done(int code, PrintWriter out, PrintWriter err) {
    if (!out.checkError()) {
      return code;
    }
    String reason = out instanceof StandardOutput standard ? standard.failure() : "";
    if (!reason.toLowerCase(Locale.ROOT).contains("broken pipe")) {
      err.println(
          "popsight: the output could not be written" + (reason.isEmpty() ? "" : ": " + reason));
      err.flush();
    }
    return code == 0 ? 1 : code;
  }

  /** Of file errors the class says what the message leaves out. */
  private static String message(Exception failure) {
    return switch (failure) {
      case UncheckedIOException e when e.getCause() != null -> message(e.getCause());
      case NoSuchFileException e -> "there is no file or folder " + e.getMessage();
      case AccessDeniedException e -> e.getMessage() + " may not be read or written";
      case NotDirectoryException e -> e.getMessage() + " is no folder";
      // Only folders are made so that what is there matters.
      case FileAlreadyExistsException e -> e.getMessage() + " is no folder";
      default -> String.valueOf(failure.getMessage());
    };
  }
}
