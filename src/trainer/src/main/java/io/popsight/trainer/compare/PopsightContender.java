package io.popsight.trainer.compare;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.detection.Detector;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model file of ours on one of the backends. */
final class PopsightContender implements Contender {

  private final Entry entry;
  private final CompiledModel compiled;
  private final Detector detector;
  private final List<String> labels;

  /**
   * Compiles a file.
   *
   * @param labels of the data set; the model's own must be among them or be left out
   */
  PopsightContender(Entry entry, List<String> labels) {
    this.entry = entry;
    this.labels = labels;
    this.compiled =
        Backends.installed()
            .open(entry.runtime(), BackendSettings.DEFAULT)
            .compile(ModelFile.read(entry.file()));
    this.detector = new Detector(compiled);
  }

  @Override
  public Entry entry() {
    return entry;
  }

  @Override
  public String name() {
    return "%s, %s".formatted(detector.metadata().name(), entry.runtime());
  }

  @Override
  public String learned() {
    return detector.metadata().training().dataSet();
  }

  @Override
  public long bytes() {
    try {
      return Files.size(entry.file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<Integer> classes() {
    return IntStream.range(0, labels.size())
        .filter(c -> detector.metadata().labels().contains(labels.get(c)))
        .boxed()
        .collect(Collectors.toSet());
  }

  @Override
  public Look open() {
    Scratch scratch = detector.newScratch(1);
    ModelMetadata metadata = detector.metadata();
    int[] classOf = metadata.labels().stream().mapToInt(labels::indexOf).toArray();
    return new Look() {
      @Override
      public List<Detection> detect(Photo photo, float minScore) {
        Letterbox box =
            Letterboxer.place(
                photo, scratch.pixels(), 0, metadata.inputWidth(), metadata.inputHeight());
        detector.infer(scratch, 1);
        DetectionLimits limits =
            new DetectionLimits(minScore, metadata.iou(), DetectionLimits.DEFAULT_MAX_DETECTIONS);
        return detector.detections(scratch, 0, box, limits).stream()
            .filter(d -> classOf[d.classId()] >= 0)
            .map(d -> new Detection(classOf[d.classId()], d.score(), d.box()))
            .toList();
      }

      @Override
      public void close() {
        // A scratch is memory of the heap.
      }
    };
  }

  @Override
  public void close() {
    compiled.close();
  }
}
