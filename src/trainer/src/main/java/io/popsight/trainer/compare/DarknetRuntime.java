package io.popsight.trainer.compare;

/** A Darknet network, loaded. Computes on the caller's thread alone; not thread-safe. */
interface DarknetRuntime extends AutoCloseable {

  /**
   * Runs the network on one photo.
   *
   * @param pixels RGB, layout [rows][columns][3]
   * @return for each yolo layer its rows one after the other: centre x and y, width and height as
   *     shares of the input, objectness, then a score a class
   */
  float[][] rows(byte[] pixels);

  @Override
  void close();
}
