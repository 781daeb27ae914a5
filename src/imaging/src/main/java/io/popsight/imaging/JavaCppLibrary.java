package io.popsight.imaging;

import io.popsight.NativeLibrary;
import java.io.IOException;
import org.bytedeco.javacpp.Loader;

/** Native libraries that JavaCPP unpacks and loads. */
public final class JavaCppLibrary {

  private JavaCppLibrary() {}

  /**
   * Loads a library; throws nothing where it cannot be loaded.
   *
   * @param name as its makers call it
   * @param megabytes that it takes on the disk, with what it is linked to
   * @param loading returns when the library can be used
   */
  public static NativeLibrary load(String name, int megabytes, Runnable loading) {
    return NativeLibrary.load(
        name, "org.bytedeco.javacpp.cachedir", JavaCppLibrary::folder, megabytes, loading);
  }

  private static String folder() {
    try {
      return Loader.getCacheDir().toString();
    } catch (IOException e) {
      return "%s/.javacpp/cache, else %s/.javacpp-%s/cache"
          .formatted(
              System.getProperty("user.home"),
              System.getProperty("java.io.tmpdir"),
              System.getProperty("user.name"));
    }
  }
}
