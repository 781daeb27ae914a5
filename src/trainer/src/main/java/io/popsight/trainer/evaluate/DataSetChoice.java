package io.popsight.trainer.evaluate;

import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.UnknownClasses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The labelled photos that a command measures on. */
public final class DataSetChoice {

  @Option(names = "--data", required = true, description = "folder of the data set")
  private Path data = Path.of("");

  @Option(
      names = "--format",
      defaultValue = "auto",
      description =
          "voc, yolo, coco, folders (a folder a class); default: what the folder looks like")
  private String format = "auto";

  @Option(names = "--split", defaultValue = "val", description = "name of the split")
  private String split = "val";

  /**
   * Reads them. Objects of other classes are left out, and told a class at once.
   *
   * @param labels that classes are numbered by
   * @param problems told of everything skipped
   * @throws IllegalArgumentException if all objects are of other classes
   */
  public DataSet read(List<String> labels, Consumer<String> problems) throws IOException {
    UnknownClasses unknown = new UnknownClasses(problems);
    DataSet set = DataSet.read(format, data, split, labels, unknown);
    unknown.tell(labels);
    if (!set.hasObjects() && !unknown.isEmpty()) {
      List<String> own = DataSet.read(format, data, split, List.of(), _ -> {}).labels();
      throw new IllegalArgumentException(
          "there is nothing to measure on: no object in split '%s' of %s is of a class that the model finds; it finds %s, the data has %s"
              .formatted(split, data, labels, own));
    }
    return set;
  }
}
