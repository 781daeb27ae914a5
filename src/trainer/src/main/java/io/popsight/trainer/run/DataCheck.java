package io.popsight.trainer.run;

import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.DataSetReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a data set as a training would, tells its problems and what is there. */
record DataCheck(TrainConfig.Data data, Problems problems) {

  /** Whether there is no problem, so that a script can stop before a training does. */
  boolean tell(PrintWriter out) throws IOException {
    DataSet train = data.readTrain(problems);
    DataSet validate = data.readValidate(train.labels(), problems);
    missing(data.train(), train);
    if (validate.photos().equals(train.photos())) {
      out.printf(
          "%s, to learn from and to measure on: %s%n",
          data.train(), new DataSetReport(train).text());
    } else {
      missing(data.validate(), validate);
      out.printf("%s, to learn from: %s%n", data.train(), new DataSetReport(train).text());
      out.printf("%s, to measure on: %s%n", data.validate(), new DataSetReport(validate).text());
    }
    Set<Path> learned = files(train);
    long shared = files(validate).stream().filter(learned::contains).count();
    if (shared > 0) {
      out.printf(
          "%d of %d photos to measure on are learned from, too: the figures will flatter%n",
          shared, validate.photos().size());
    }
    out.printf("%d problems%n", problems.count());
    out.flush();
    return problems.count() == 0;
  }

  private static Set<Path> files(DataSet set) {
    return set.photos().stream()
        .map(photo -> photo.photo().toAbsolutePath().normalize())
        .collect(Collectors.toSet());
  }

  private void missing(String split, DataSet set) {
    for (String label : new DataSetReport(set).missingClasses()) {
      problems.accept("split '%s' has no %s".formatted(split, label));
    }
  }
}
