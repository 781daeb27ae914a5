package io.popsight.service.command;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.popsight.detection.DetectionLimits;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.PhotoFolder;
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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
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

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  @Option(
      names = "--out",
      description = "folder for NAME-boxes.jpg (default: the current one; with --json none)")
  private @Nullable Path out;

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
  private final PhotoDetection detection = new PhotoDetection(decoder);

  /** Names given in this run. */
  private final Set<String> drawings = new HashSet<>();

  @Override
  public Integer call() throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    PrintWriter stderr = spec.commandLine().getErr();
    ModelFile file = model.file();
    DetectionQuery query = query(file.metadata());
    List<FileAnswer> answers = new ArrayList<>();
    boolean failed = false;
    try (ServedModel served = ModelChoice.open(file, backend)) {
      for (String photo : photos()) {
        try {
          FileAnswer answer = detect(photo, served, query);
          answers.add(answer);
          if (!json) {
            stdout.print(table(answer));
          }
        } catch (PhotoRefusedException e) {
          failed = true;
          stderr.printf("%s: %s%n", photo, e.getMessage());
        }
      }
    }
    if (json) {
      stdout.println(new JsonMapper().writeValueAsString(answers));
    }
    stdout.flush();
    stderr.flush();
    return failed ? 1 : 0;
  }

  private DetectionQuery query(ModelMetadata metadata) {
    return new DetectionQuery(
        new DetectionLimits(
            minScore == null ? metadata.minScore() : minScore,
            iou == null ? metadata.iou() : iou,
            maxDetections),
        Set.of());
  }

  private List<String> photos() throws IOException {
    List<String> photos = new ArrayList<>();
    for (String argument : arguments) {
      Path path = Path.of(argument);
      if (Files.isDirectory(path)) {
        for (Path photo : new PhotoFolder(path).photos()) {
          photos.add(argument.replaceFirst("/+$", "") + "/" + photo.getFileName());
        }
      } else if (Files.isRegularFile(path)) {
        photos.add(argument);
      } else {
        throw new IllegalArgumentException("there is no file or folder " + argument);
      }
    }
    return photos;
  }

  private FileAnswer detect(String photo, ServedModel served, DetectionQuery query) {
    byte[] bytes = decoder.read(Path.of(photo));
    Path folder = out == null ? Path.of("") : out;
    boolean draw = !json || out != null;
    Sight sight = detection.see(bytes, served, query, 0, false);
    if (draw) {
      write(folder.resolve(drawing(photo)), sight.annotated(PhotoEncoder::jpeg));
    }
    return new FileAnswer(photo, sight.answer());
  }

  /** The file that a photo's boxes are drawn to: numbered where another photo's has that name. */
  private String drawing(String photo) {
    String name = String.valueOf(Path.of(photo).getFileName()).replaceFirst("\\.[^.]*$", "");
    String drawing = name + "-boxes.jpg";
    for (int number = 2; !drawings.add(drawing); number++) {
      drawing = name + "-" + number + "-boxes.jpg";
    }
    return drawing;
  }

  private static void write(Path file, byte[] picture) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, picture);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
