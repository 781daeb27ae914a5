package io.popsight.service.model;

import io.popsight.backend.Scratch;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Runs two backends on photos that the jar brings along: every spike count and every head sum must
 * be the same integer.
 */
final class ProbeComparison implements BackendComparison {

  /** The first is the playground's example as well, so that the jar has it once. */
  private static final List<String> PROBES =
      List.of("/playground/example-cells.jpg", "/probes/street.jpg");

  private final PhotoDecoder decoder;

  ProbeComparison(PhotoDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public Optional<String> difference(ServedModel one, ServedModel other) {
    return one.withScratch(left -> other.withScratch(right -> difference(one, left, other, right)));
  }

  private Optional<String> difference(
      ServedModel one, Scratch left, ServedModel other, Scratch right) {
    ModelMetadata metadata = one.metadata();
    for (String probe : PROBES) {
      try (Photo photo = decoder.decode(read(probe))) {
        Letterboxer.place(photo, left.pixels(), 0, metadata.inputWidth(), metadata.inputHeight());
      }
      System.arraycopy(left.pixels(), 0, right.pixels(), 0, left.pixels().length);
      one.detector().infer(left, 1);
      other.detector().infer(right, 1);
      Optional<String> place = place(metadata, left, right);
      if (place.isPresent()) {
        return Optional.of(
            "%s and %s differ on %s: %s"
                .formatted(one.backend(), other.backend(), probe, place.get()));
      }
    }
    return Optional.empty();
  }

  /** The first layer, in the order of the graph, that is not the same. */
  private static Optional<String> place(ModelMetadata metadata, Scratch left, Scratch right) {
    for (int l = 0; l < metadata.spikeLayers().size(); l++) {
      long ones = left.spikeCounts()[l][0];
      long others = right.spikeCounts()[l][0];
      if (ones != others) {
        return Optional.of(
            "layer %s fires %d and %d times"
                .formatted(metadata.spikeLayers().get(l).name(), ones, others));
      }
    }
    for (int h = 0; h < metadata.heads().size(); h++) {
      int at = Arrays.mismatch(left.headSums()[h], right.headSums()[h]);
      if (at >= 0) {
        HeadMap head = metadata.heads().get(h);
        return Optional.of(
            "head %s is %d and %d at cell %d, channel %d"
                .formatted(
                    head.sumOutput(),
                    left.headSums()[h][at],
                    right.headSums()[h][at],
                    at / head.channels(),
                    at % head.channels()));
      }
    }
    return Optional.empty();
  }

  private static byte[] read(String probe) {
    try (InputStream in = ProbeComparison.class.getResourceAsStream(probe)) {
      if (in == null) {
        throw new IllegalStateException("the jar has no " + probe);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
