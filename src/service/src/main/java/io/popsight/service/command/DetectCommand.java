package io.popsight.service.command;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.popsight.detection.DetectionLimits;
import io.popsight.geometry.Tiling;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.imaging.PhotoRefusedException;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.detect.Sight;
import io.popsight.service.model.ServedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code popsight detect}. */
@Command(
    name = "detect",
    mixinStandardHelpOptions = true,
    description = "Draws boxes on photos and prints what was found.")
public final class DetectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "PHOTO|DIR",
      description = "photos, or folders of photos")
  private List<String> arguments = List.of();

  @Mixin private ModelChoice model = new ModelChoice();

  @Option(names = "--backend", defaultValue = "popcount", description = "popcount or onnx")
  private String backend = "popcount";

  @Option(names = "--min-score", description = "lowest score shown (default: the model's own)")
  private @Nullable Float minScore;

  @Option(names = "--iou", description = "overlap that suppresses (default: the model's own)")
  private @Nullable Float iou;

  @Option(names = "--max-detections", defaultValue = "300", description = "most boxes a photo")
  private int maxDetections = DetectionLimits.DEFAULT_MAX_DETECTIONS;

  @Option(
      names = "--tiles",
      defaultValue = "1",
      description =
          "looks besides the whole photo at overlapping parts, so many along its longer side, 1 to"
              + " 4, for small things on large photos (1: the whole photo alone)")
  private int tiles = 1;

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Option(
      names = "--out",
      description = "folder for NAME-boxes.jpg (default: the current one; with --json none)")
  private @Nullable Path out;

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
  private final PhotoDetection detection = new PhotoDetection(decoder);

  @Override
  public Integer call() throws IOException {
    PrintWriter stderr = spec.commandLine().getErr();
    ModelFile file = model.file();
    DetectionQuery query = query(file.metadata());
    NamedPhotos photos = NamedPhotos.of(arguments, stderr);
    List<Path> drawings = List.of();
    if (out != null) {
      drawings = photos.drawings(out);
      Files.createDirectories(out);
    } else if (!json) {
      drawings = photos.drawings(Path.of(""));
    }
    stderr.flush();
    try (ServedModel served = ModelChoice.open(file, backend)) {
      return detect(photos.files(), drawings, served, query) ? 0 : 1;
    }
  }

  /** Whether all were photos. What is told of each is told at once: a later one may end it all. */
  private boolean detect(
      List<String> photos, List<Path> drawings, ServedModel served, DetectionQuery query)
      throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    PrintWriter stderr = spec.commandLine().getErr();
    JsonMapper mapper = new JsonMapper();
    boolean all = true;
    String before = "[";
    try {
      for (int i = 0; i < photos.size(); i++) {
        String photo = photos.get(i);
        try {
          Sight sight = detection.see(decoder.read(Path.of(photo)), served, query, 0, false);
          if (!drawings.isEmpty()) {
            new WholeFile(drawings.get(i)).write(sight.annotated(PhotoEncoder::jpeg));
          }
          FileAnswer answer = new FileAnswer(photo, sight.answer());
          stdout.print(json ? before + mapper.writeValueAsString(answer) : table(answer));
          stdout.flush();
          before = ",";
        } catch (PhotoRefusedException e) {
          all = false;
          stderr.printf("%s: %s%n", photo, e.getMessage());
          stderr.flush();
        }
      }
    } finally {
      if (json) {
        stdout.println((before.equals("[") ? before : "") + "]");
        stdout.flush();
      }
    }
    return all;
  }

  private DetectionQuery query(ModelMetadata metadata) {
    Tiling tiling = new Tiling(tiles);
    if (metadata.classifies() && !tiling.equals(Tiling.NONE)) {
      throw new IllegalArgumentException(
          "--tiles: %s says what whole photos show".formatted(metadata.name()));
    }
    return new DetectionQuery(
        new DetectionLimits(
            minScore == null ? metadata.minScore() : minScore,
            iou == null ? metadata.iou() : iou,
            maxDetections),
        Set.of(),
        tiling);
  }

  /**
   * The answer to a file.
   *
   * @param file the argument as it was given
   */
  private record FileAnswer(String file, @JsonUnwrapped PhotoAnswer answer) {}

  private static String table(FileAnswer of) {
    PhotoAnswer answer = of.answer();
    StringBuilder table =
        new StringBuilder(
            "%s: %dx%d, %d found in %.1f ms (%s %s on %s)%n"
                .formatted(
                    of.file(),
                    answer.image().width(),
                    answer.image().height(),
                    answer.detections().size(),
                    answer.timingsMs().total(),
                    answer.model(),
                    answer.version(),
                    answer.backend()));
    for (PhotoAnswer.Found found : answer.detections()) {
      PhotoAnswer.Box b = found.box();
      table.append(
          "  %-16s %.3f   %7.1f %7.1f %7.1f %7.1f%n"
              .formatted(found.label(), found.score(), b.xMin(), b.yMin(), b.xMax(), b.yMax()));
    }
    return table.toString();
  }
}
