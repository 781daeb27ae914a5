package io.popsight.imaging;

import io.popsight.NativeLibrary;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * OpenCV set up once a process: one thread a call. The service runs as many photos side by side as
 * there are cores, so threads inside a call would only get in each other's way.
 */
public final class OpenCv {

  private static final int MEGABYTES = 150;

  private static final NativeLibrary LIBRARY =
      JavaCppLibrary.load("OpenCV", MEGABYTES, OpenCv::setUp);

  private OpenCv() {}

  /**
   * Has the native libraries loaded and set up when it returns.
   *
   * @throws io.popsight.NativeLibraryException if they cannot be loaded
   */
  public static void load() {
    LIBRARY.require();
  }

  private static void setUp() {
    opencv_core.setNumThreads(1);
    // All that photos need: with little room left the first may be unpacked and the next not.
    Loader.load(opencv_imgproc.class);
    Loader.load(opencv_imgcodecs.class);
  }
}
