package io.popsight.trainer.run;

import io.popsight.Sha256;
import io.popsight.model.ModelMetadata;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.DataSetReport;
import io.popsight.trainer.data.LabeledPhoto;
import io.popsight.trainer.network.Task;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reads a data set as a training would, tells its problems and what is there. */
record DataCheck(TrainConfig config, Problems problems) {

  /**
   * Whether there is no problem, so that a script can stop before a training does.
   *
   * @throws IllegalArgumentException naming a file to start or to learn from that is not there
   */
  boolean tell(PrintWriter out) throws IOException {
    config.requireFiles(false);
    TrainConfig.Data data = config.data();
    DataSet train = data.readTrain(problems);
    DataSet validate = data.readValidate(train.labels(), problems);
    missing(data.train(), train, out);
    if (validate.photos().equals(train.photos())) {
      out.printf(
          "%s, to learn from and to measure on: %s%n",
          data.train(), new DataSetReport(train).text());
    } else {
      missing(data.validate(), validate, out);
      out.printf("%s, to learn from: %s%n", data.train(), new DataSetReport(train).text());
      out.printf("%s, to measure on: %s%n", data.validate(), new DataSetReport(validate).text());
    }
    tellLearned(learned(train, validate), validate, out::println);
    out.println(problems.count() == 1 ? "1 problem" : problems.count() + " problems");
    out.flush();
    return problems.count() == 0;
  }

  /**
   * Tells what a training will lack, and refuses one that would learn nothing.
   *
   * @throws IllegalArgumentException saying what is missing
   */
  static void beforeTraining(
      TrainConfig config, DataSet train, DataSet validate, Consumer<String> problems) {
    DataSetReport report = new DataSetReport(train);
    report.withoutLabels().ifPresent(problems);
    new DataSetReport(validate).withoutLabels().ifPresent(problems);
    if (!train.hasObjects()) {
      throw new IllegalArgumentException(nothing(config.data().train()) + "; see --check");
    }
    if (train.labels().size() > ModelMetadata.MAX_LABELS) {
      throw new IllegalArgumentException(
          "%d classes; a model file has at most %d"
              .formatted(train.labels().size(), ModelMetadata.MAX_LABELS));
    }
    if (!validate.hasObjects()) {
      problems.accept(nothing(config.data().validate()));
    }
    report
        .missingClasses()
        .forEach(label -> problems.accept("no photo to learn from shows a " + label));
    if (config.task() == Task.CLASSIFICATION) {
      train.requireOneClassEach();
      validate.requireOneClassEach();
    }
  }

  private static String nothing(String split) {
    return "no photo of split '%s' has an object".formatted(split);
  }

  /** Tells of photos to measure on that are learned from, if there are any. */
  static void tellLearned(int learned, DataSet validate, Consumer<String> problems) {
    if (learned > 0) {
      problems.accept(
          "%d of %d photos to measure on are learned from, too: the figures will flatter"
              .formatted(learned, validate.photos().size()));
    }
  }

  /** How many photos to measure on are among the others, as links or copies too. */
  static int learned(DataSet train, DataSet validate) throws IOException {
    Set<Path> known = new HashSet<>(files(train));
    List<Path> others = files(validate);
    others.removeAll(known);
    Map<Long, List<Path>> bySize = new HashMap<>();
    for (Path file : known) {
      bySize.computeIfAbsent(Files.size(file), _ -> new ArrayList<>()).add(file);
    }
    // Photos that nobody packed are all of one size: each is read once.
    Map<Long, Set<String>> contents = new HashMap<>();
    int shared = validate.photos().size() - others.size();
    for (Path file : others) {
      long size = Files.size(file);
      if (bySize.containsKey(size)) {
        if (!contents.containsKey(size)) {
          contents.put(size, digests(bySize.get(size)));
        }
        shared += contents.get(size).contains(digest(file)) ? 1 : 0;
      }
    }
    return shared;
  }

  private static Set<String> digests(List<Path> files) throws IOException {
    Set<String> digests = new HashSet<>();
    for (Path file : files) {
      digests.add(digest(file));
    }
    return digests;
  }

  private static String digest(Path file) throws IOException {
    return Sha256.digits(Files.readAllBytes(file));
  }

  private static List<Path> files(DataSet set) throws IOException {
    List<Path> files = new ArrayList<>();
    for (LabeledPhoto photo : set.photos()) {
      files.add(photo.photo().toRealPath());
    }
    return files;
  }

  private void missing(String split, DataSet set, PrintWriter out) {
    if (!set.hasObjects()) {
      problems.accept(nothing(split));
    }
    for (String label : new DataSetReport(set).missingClasses()) {
      out.printf("split '%s' has no %s%n", split, label);
    }
  }
}
