package io.popsight.trainer.run;

import io.popsight.imaging.Annotator;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.PictureFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Varied samples as pictures, to see whether boxes lie where they should and what is too much. */
final class SamplePreview {

  private SamplePreview() {}

  /**
   * Writes the first samples that a run would learn from, {@code sample-001.jpg} and so on, in
   * place of those that were written before.
   */
  static void write(DataSet set, TrainConfig config, int samples, PictureFolder into)
      throws IOException {
    into.clear();
    int bytes = config.inputHeight() * config.inputWidth() * 3;
    int[] written = {0};
    try (BatchSource source =
        new BatchSource(
            set,
            config.inputHeight(),
            config.inputWidth(),
            1,
            config.seed(),
            config.loaders(),
            (long) config.cacheMegabytes() << 20)) {
      for (int epoch = 0; written[0] < samples; epoch++) {
        source.epoch(
            epoch,
            config.augment(epoch),
            batch -> {
              byte[] rgb = Arrays.copyOf(batch.pixels(), bytes);
              try (Photo photo = Photo.of(config.inputWidth(), config.inputHeight(), rgb)) {
                Annotator.draw(
                    photo,
                    batch.objects().getFirst().stream()
                        .map(o -> o.captioned(set.labels()))
                        .toList());
                into.write(
                    Path.of("sample-%03d.jpg".formatted(++written[0])), PhotoEncoder.jpeg(photo));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              return written[0] < samples;
            });
      }
    }
  }
}
