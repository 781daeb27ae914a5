package io.popsight;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A native library, loaded once a process. Where that fails, everybody who needs it is told why;
 * Java by itself tells only the first.
 */
public final class NativeLibrary {

  /** The file twice, as Java says it. */
  private static final Pattern TWICE = Pattern.compile("^(\\S+): \\1: ");

  private final Optional<NativeLibraryException> failure;

  private NativeLibrary(Optional<NativeLibraryException> failure) {
    this.failure = failure;
  }

  /**
   * Loads a library; throws nothing where it cannot be loaded.
   *
   * @param name as its makers call it
   * @param property the system property that names the folder which it is unpacked into
   * @param folder that folder, asked for where loading failed
   * @param megabytes that it takes there
   * @param loading returns when the library can be used
   */
  public static NativeLibrary load(
      String name, String property, Supplier<String> folder, int megabytes, Runnable loading) {
    try {
      loading.run();
      return new NativeLibrary(Optional.empty());
    } catch (LinkageError e) {
      String told =
          """
          %s cannot be loaded: %s. It is unpacked into %s, which must be writable, have %d MB free and allow programs \
          (no noexec); POPSIGHT_JAVA_OPTIONS=-D%s=DIR names another folder. A library of the system that is missing \
          (libgomp.so.1) comes with its package (libgomp1)"""
              .formatted(name, reason(e), folder.get(), megabytes, property);
      return new NativeLibrary(Optional.of(new NativeLibraryException(told, e)));
    }
  }

  /**
   * Returns if the library can be used.
   *
   * @throws NativeLibraryException if it could not be loaded
   */
  public void require() {
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private static String reason(Throwable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return TWICE
        .matcher(String.valueOf(deepest.getMessage()))
        .replaceFirst("$1: ")
        .replaceFirst("[.]$", "");
  }
}
