package io.popsight.trainer.tensor;

import io.popsight.NativeLibrary;
import io.popsight.imaging.JavaCppLibrary;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The native libraries of PyTorch. */
public final class LibTorch {

  private static final int MEGABYTES = 500;

  private static final NativeLibrary LIBRARY =
      JavaCppLibrary.load("libtorch", MEGABYTES, () -> Loader.load(torch.class));

  private LibTorch() {}

  /**
   * Has them loaded when it returns.
   *
   * @throws io.popsight.NativeLibraryException if they cannot be loaded
   */
  public static void load() {
    LIBRARY.require();
  }
}
