package io.popsight.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Training;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadDecoderTest {

  private static final int SIDE = 32;
  private static final Letterbox WHOLE = Letterbox.fit(SIDE, SIDE, SIDE, SIDE);

  @Test
  void cell_isACandidateForEachClassThatItsScoreReaches() {
    HeadDecoder decoder = new HeadDecoder(model(head(16, 1)));
    int[] sums = new int[4 * 7];
    for (int cell = 0; cell < 4; cell++) {
      sums[cell * 7 + 4] = sums[cell * 7 + 5] = sums[cell * 7 + 6] = -6;
    }
    // The cell at the right of the lower row: half a stride to every side.
    int at = 3 * 7;
    for (int side = 0; side < 4; side++) {
      sums[at + side] = -1;
    }
    sums[at + 4] = 1;
    sums[at + 6] = 0;

    List<Candidate> found = decoder.decode(new int[][] {sums}, 0, WHOLE, 0.5f);

    float reach = (float) (16 * StrictMath.exp(-1));
    BoundingBox box = new BoundingBox(24 - reach, 24 - reach, 24 + reach, 24 + reach);
    assertThat(found)
        .containsExactly(
            new Candidate(new Detection(0, (float) (1 / (1 + StrictMath.exp(-1))), box), 3),
            new Candidate(new Detection(2, 0.5f, box), 3));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void sieve_losesNothing(long seed) {
    HeadDecoder decoder = new HeadDecoder(model(head(8, 0.02f), head(16, 0.01f)));
    Random random = new Random(seed);
    int[][] sums = {randomSums(random, 2 * 16 * 7), randomSums(random, 2 * 4 * 7)};
    List<Candidate> all = decoder.decode(sums, 1, WHOLE, 0);

    assertThat(all).hasSizeGreaterThan(30);
    for (float minScore : new float[] {0.01f, 0.3f, all.get(7).detection().score(), 1}) {
      assertThat(decoder.decode(sums, 1, WHOLE, minScore))
          .isEqualTo(all.stream().filter(c -> c.detection().score() >= minScore).toList());
    }
  }

  @Test
  void hopelessScores_areNoCandidates() {
    HeadDecoder decoder = new HeadDecoder(model(head(32, 1)));

    assertThat(decoder.decode(new int[][] {{0, 0, 0, 0, -6, -7, -100}}, 0, WHOLE, 0))
        .extracting(candidate -> candidate.detection().classId())
        .containsExactly(0);
  }

  private static int[] randomSums(Random random, int count) {
    return random.ints(count, -400, 200).toArray();
  }

  private static HeadMap head(int stride, float scale) {
    float[] scales = new float[7];
    Arrays.fill(scales, scale);
    return new HeadMap(stride, SIDE / stride, SIDE / stride, scales, new float[7]);
  }

  private static ModelMetadata model(HeadMap... heads) {
    return new ModelMetadata(
        ModelMetadata.FORMAT,
        "test",
        "1",
        List.of("a", "b", "c"),
        SIDE,
        SIDE,
        ModelMetadata.ANCHOR_FREE,
        List.of(heads),
        List.of(),
        0.5f,
        0.5f,
        new Training("", "", 0, 0, "", 0, 0));
  }
}
