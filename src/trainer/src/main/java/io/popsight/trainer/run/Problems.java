package io.popsight.trainer.run;

import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Tells each problem once: two splits may share photos, and so their problems. */
final class Problems implements Consumer<String> {

  private final PrintWriter to;
  private final Set<String> told = new HashSet<>();

  Problems(PrintWriter to) {
    this.to = to;
  }

  @Override
  public void accept(String problem) {
    if (told.add(problem)) {
      to.println(problem);
    }
  }

  int count() {
    return told.size();
  }
}
