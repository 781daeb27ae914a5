package io.popsight.trainer.evaluate;

import io.popsight.trainer.data.DataSet;
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
   * Reads them.
   *
   * @param labels that classes are numbered by
   * @param problems told of everything skipped
   */
  public DataSet read(List<String> labels, Consumer<String> problems) throws IOException {
    return DataSet.read(format, data, split, labels, problems);
  }
}
