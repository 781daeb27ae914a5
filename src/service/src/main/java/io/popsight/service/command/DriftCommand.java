package io.popsight.service.command;

import io.popsight.imaging.Disturbance;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.PhotoFolder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.imaging.PhotoRefusedException;
import io.popsight.model.ModelFile;
import io.popsight.service.detect.DetectionQuery;
import io.popsight.service.detect.PhotoAnswer.SpikeRate;
import io.popsight.service.detect.PhotoDetection;
import io.popsight.service.model.ServedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code popsight drift}. */
@Command(
    name = "drift",
    mixinStandardHelpOptions = true,
    description =
        "Shows how far a model's spike rates go from training's on clean photos, and how well that"
            + " tells darkened, blurred, noisy, turned and foreign ones: the alert's threshold for"
            + " photos of yours.")
public final class DriftCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "DIR", description = "clean photos, not those of the training")
  private Path folder = Path.of("");

  @Option(names = "--foreign", description = "folder of photos of something else")
  private @Nullable Path foreign;

  @Mixin private ModelChoice model = new ModelChoice();

  @Option(names = "--window", defaultValue = "50", description = "photos a drift is taken over")
  private int window = 50;

  @Option(
      names = "--threshold",
      defaultValue = "0.05",
      description =
          "drift that alarms (${DEFAULT-VALUE}); the rule PopsightDrift has 0.05 for street, nano,"
              + " voc and cells, 0.15 for any other model")
  private double threshold = 0.05;

  @Option(names = "--photos", defaultValue = "400", description = "most photos of a folder")
  private int photos = 400;

  @Option(names = "--seed", defaultValue = "1", description = "of noise and draws")
  private long seed = 1;

  @Option(names = "--json", description = "one JSON document on stdout, nothing else")
  private boolean json;

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
  private final PhotoDetection detection = new PhotoDetection(decoder);

  /** What {@code --json} prints. */
  private record Report(
      String model, int window, double threshold, double clean99, List<DriftStudy.Row> rows) {}

  @Override
  public Integer call() throws IOException {
    if (window < 1 || photos < 1) {
      throw new IllegalArgumentException("--window and --photos must be 1 or more");
    }
    ModelFile file = model.file();
    try (ServedModel served = ModelChoice.open(file, "popcount")) {
      print(study(served));
    }
    return 0;
  }

  private Report study(ServedModel served) throws IOException {
    List<Path> clean = files(folder);
    DriftStudy study =
        new DriftStudy(rates(clean, served, photo -> photo), window, new Random(seed));
    List<DriftStudy.Row> rows = new ArrayList<>(List.of(study.clean(threshold)));
    for (Disturbance disturbance : Disturbance.values()) {
      Random noise = new Random(seed);
      rows.add(
          study.of(
              disturbance.name().toLowerCase(Locale.ROOT).replace('_', ' '),
              rates(clean, served, photo -> disturbed(photo, disturbance, noise)),
              threshold));
    }
    if (foreign != null) {
      rows.add(study.of("foreign", rates(files(foreign), served, photo -> photo), threshold));
    }
    return new Report(served.metadata().name(), window, threshold, study.threshold(), rows);
  }

  private List<Path> files(Path of) throws IOException {
    List<Path> found =
        new PhotoFolder(of).photos().stream().filter(this::isPhoto).limit(photos).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException("there is no photo in " + of);
    }
    return found;
  }

  /** What cannot be decoded is named and left out. */
  private boolean isPhoto(Path file) {
    try (Photo _ = decoder.decode(decoder.read(file))) {
      return true;
    } catch (PhotoRefusedException e) {
      spec.commandLine().getErr().println(file + " is left out: " + e.getMessage());
      return false;
    }
  }

  private List<List<SpikeRate>> rates(
      List<Path> files, ServedModel served, UnaryOperator<byte[]> change) {
    return files.stream()
        .map(file -> change.apply(decoder.read(file)))
        .map(photo -> detection.look(photo, served, DetectionQuery.defaults(served), 0))
        .map(answer -> answer.spikeRates())
        .toList();
  }

  /** Without loss on the way back, so that nothing but the disturbance is seen. */
  private byte[] disturbed(byte[] encoded, Disturbance disturbance, Random noise) {
    try (Photo photo = decoder.decode(encoded);
        Photo changed = disturbance.apply(photo, noise.nextLong())) {
      return PhotoEncoder.png(changed);
    }
  }

  private void print(Report report) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new JsonMapper().writeValueAsString(report));
    } else {
      out.printf(
          "%s: of %d windows of %d clean photos, 99 %% stay below %.3f%n",
          report.model(), DriftStudy.DRAWS, report.window(), report.clean99());
      out.printf(
          "%-12s %7s %14s %14s %13s %12s%n",
          "photos", "number", "AUC, 1 photo", "AUC, window", "median drift", "over " + threshold);
      for (DriftStudy.Row row : report.rows()) {
        out.printf(
            "%-12s %7d %14.3f %14.3f %13.3f %10.1f %%%n",
            row.condition(),
            row.photos(),
            row.aucOne(),
            row.auc(),
            row.median(),
            100 * row.alarms());
      }
    }
    out.flush();
  }
}
