package io.popsight.service.detect;

import io.popsight.backend.Scratch;
import io.popsight.detection.Detection;
import io.popsight.detection.Detector;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.ReducedPhoto;
import io.popsight.model.ModelMetadata;
import io.popsight.model.SpikeLayer;
import io.popsight.service.model.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** Decode, letterbox, infer, decode the heads: one photo, one thread. */
public final class PhotoDetection {

  private final PhotoDecoder decoder;

  /** With the decoder that bounds photos. */
  public PhotoDetection(PhotoDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Looks at a photo.
   *
   * @param photo encoded bytes
   * @param queuedNanos how long the photo waited before
   * @throws io.popsight.imaging.PhotoRefusedException if the bytes are no photo
   */
  public PhotoAnswer look(byte[] photo, ServedModel model, DetectionQuery query, long queuedNanos) {
    return look(photo, model, query, queuedNanos, sight -> photo).answer();
  }

  /**
   * Looks at a photo and makes something of what it sees.
   *
   * @param view called before the photo is freed; its time is not in the answer
   * @throws io.popsight.imaging.PhotoRefusedException if the bytes are no photo
   */
  public <T> Seen<T> look(
      byte[] photo,
      ServedModel model,
      DetectionQuery query,
      long queuedNanos,
      Function<Sight, T> view) {
    long start = System.nanoTime();
    ModelMetadata metadata = model.metadata();
    try (ReducedPhoto decoded =
            decoder.decodeFor(photo, metadata.inputWidth(), metadata.inputHeight());
        WholePhoto whole = new WholePhoto(decoder, photo)) {
      long afterDecode = System.nanoTime();
      return model.withScratch(
          scratch ->
              look(decoded, whole, scratch, model, query, view, queuedNanos, start, afterDecode));
    }
  }

  private static <T> Seen<T> look(
      ReducedPhoto photo,
      WholePhoto whole,
      Scratch scratch,
      ServedModel model,
      DetectionQuery query,
      Function<Sight, T> view,
      long queued,
      long start,
      long afterDecode) {
    Detector detector = model.detector();
    ModelMetadata metadata = model.metadata();
    Letterbox letterbox =
        Letterboxer.place(
            photo, scratch.pixels(), 0, metadata.inputWidth(), metadata.inputHeight());
    long afterPreprocess = System.nanoTime();
    detector.infer(scratch, 1);
    long afterInfer = System.nanoTime();
    List<Detection> detections =
        detector.detections(scratch, 0, letterbox, query.unfiltered()).stream()
            .filter(found -> query.keeps(found, metadata))
            .limit(query.limits().maxDetections())
            .toList();
    long end = System.nanoTime();
    PhotoAnswer answer =
        new PhotoAnswer(
            null,
            metadata.name(),
            metadata.version(),
            model.backend(),
            new PhotoAnswer.Image(photo.width(), photo.height()),
            detections.stream().map(d -> found(d, metadata)).toList(),
            new PhotoAnswer.Timings(
                millis(queued),
                millis(afterDecode - start),
                millis(afterPreprocess - afterDecode),
                millis(afterInfer - afterPreprocess),
                millis(end - afterInfer),
                millis(queued + end - start)),
            spikeRates(scratch, metadata),
            UUID.randomUUID().toString());
    Sight sight =
        new Sight(
            whole, letterbox, detections, metadata.labels(), () -> detector.spikeMaps(scratch));
    return new Seen<>(answer, view.apply(sight));
  }

  private static PhotoAnswer.Found found(Detection d, ModelMetadata metadata) {
    return new PhotoAnswer.Found(
        metadata.label(d.classId()),
        d.classId(),
        d.score(),
        new PhotoAnswer.Box(d.box().xMin(), d.box().yMin(), d.box().xMax(), d.box().yMax()));
  }

  private static List<PhotoAnswer.SpikeRate> spikeRates(Scratch scratch, ModelMetadata metadata) {
    List<PhotoAnswer.SpikeRate> rates = new ArrayList<>();
    for (int l = 0; l < metadata.spikeLayers().size(); l++) {
      SpikeLayer layer = metadata.spikeLayers().get(l);
      double rate = (double) scratch.spikeCounts()[l][0] / layer.units();
      rates.add(new PhotoAnswer.SpikeRate(layer.name(), rate, layer.trainingRate()));
    }
    return rates;
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e3) / 1e3;
  }
}
