package io.popsight.imaging;

import org.bytedeco.opencv.global.opencv_core;

/**
 * OpenCV set up once a process: one thread a call. The service runs as many photos side by side as
 * there are cores, so threads inside a call would only get in each other's way.
 */
final class OpenCv {

  static {
    opencv_core.setNumThreads(1);
  }

  private OpenCv() {}

  /** Has the native library loaded and set up when it returns. */
  static void load() {
    // The static block has run by now.
  }
}
