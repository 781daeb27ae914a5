package io.popsight.trainer.compare;

import io.popsight.detection.Detection;
import io.popsight.imaging.Photo;
import java.util.List;
import java.util.Set;

/** A detector that takes part in a comparison. */
interface Contender extends AutoCloseable {

  /** What another process loads it by. */
  Entry entry();

  /** As the table shows it. */
  String name();

  /** What it learned from, in a few words: a reader must not take one for the other. */
  String learned();

  /** Size of its files. */
  long bytes();

  /** Classes of the data set that it knows. */
  Set<Integer> classes();

  /** One thread's share of it: computes on that thread alone. */
  Look open();

  @Override
  void close();

  /** Looks at photos, one after the other; not thread-safe. */
  interface Look extends AutoCloseable {

    /**
     * Everything from decoded pixels to boxes.
     *
     * @param minScore lowest score wanted
     * @return best first, classes of the data set, pixels of the photo
     */
    List<Detection> detect(Photo photo, float minScore);

    @Override
    void close();
  }
}
