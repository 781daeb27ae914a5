package io.popsight.trainer.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.trainer.data.DataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSourceTest {

  private static final AugmentSettings SETTINGS =
      new AugmentSettings(0.5, 0.5, 0.5, 0.3, 0.1, 0.2, 0.2, 0.3, 0.3, 0.3);

  @TempDir private Path dir = Path.of("");

  @Test
  void threads_changeNothing() throws IOException {
    DataSet set = RedSquares.in(dir, 11);
    List<BatchSource.Batch> one = batches(set, 7, 1, 2);

    assertThat(one).hasSize(5);
    for (int threads : new int[] {2, 5, 16}) {
      List<BatchSource.Batch> many = batches(set, 7, threads, 2);
      assertThat(many).hasSameSizeAs(one);
      for (int b = 0; b < one.size(); b++) {
        assertThat(many.get(b).pixels())
            .as("%d threads, batch %d", threads, b)
            .isEqualTo(one.get(b).pixels());
        assertThat(many.get(b).objects()).isEqualTo(one.get(b).objects());
      }
    }
  }

  @Test
  void seedAndEpoch_changeTheSamples() throws IOException {
    DataSet set = RedSquares.in(dir, 6);
    byte[] pixels = batches(set, 7, 2, 0).getFirst().pixels();

    assertThat(batches(set, 7, 2, 1).getFirst().pixels()).isNotEqualTo(pixels);
    assertThat(batches(set, 8, 2, 0).getFirst().pixels()).isNotEqualTo(pixels);
  }

  @Test
  void cacheWithoutRoom_givesTheSamePhotos() throws IOException {
    DataSet set = RedSquares.in(dir, 2);
    PhotoCache roomy = new PhotoCache(set, 64, 96, 1 << 20);
    PhotoCache full = new PhotoCache(set, 64, 96, 0);

    assertThat(roomy.get(1)).isSameAs(roomy.get(1));
    assertThat(full.get(1)).isNotSameAs(full.get(1));
    assertThat(full.get(1).rgb()).isEqualTo(roomy.get(1).rgb());
  }

  private static List<BatchSource.Batch> batches(DataSet set, long seed, int threads, int epoch) {
    List<BatchSource.Batch> batches = new ArrayList<>();
    try (BatchSource source = new BatchSource(set, 48, 64, 2, seed, threads, 1 << 20)) {
      source.epoch(epoch, SETTINGS, batches::add);
    }
    return batches;
  }
}
