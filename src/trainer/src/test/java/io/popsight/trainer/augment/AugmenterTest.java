package io.popsight.trainer.augment;

import static io.popsight.trainer.augment.RedSquares.HEIGHT;
import static io.popsight.trainer.augment.RedSquares.WIDTH;
import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmenterTest {

  private static final BoundingBox INPUT = new BoundingBox(0, 0, 96, 64);

  private static final BoundingBox SQUARE = new BoundingBox(8, 6, 32, 26);

  @TempDir private Path dir = Path.of("");

  /** The first square covers columns 8 to 32 and rows 6 to 26 of 96x64. */
  @ParameterizedTest(name = "flips {0}, {1}: box {2}, {3}, {4}, {5}")
  @CsvSource({"0,0,8,6,32,26", "1,0,64,6,88,26", "0,1,8,38,32,58", "1,1,64,38,88,58"})
  void flip_movesTheBoxWithThePixels(
      double horizontal, double vertical, float x0, float y0, float x1, float y1)
      throws IOException {
    Sample sample =
        augmenter(new AugmentSettings(horizontal, vertical, 0, 0, 0, 0, 0, 0, 0, 0), 1)
            .make(0, new SplittableRandom(1));

    assertThat(sample.objects())
        .containsExactly(new GroundTruth(0, new BoundingBox(x0, y0, x1, y1), false));
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean inside = x >= x0 && x < x1 && y >= y0 && y < y1;
        assertThat(RedSquares.red(sample.rgb(), WIDTH, x, y)).as("%d, %d", x, y).isEqualTo(inside);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @CsvSource({"1", "2", "3", "4", "5", "6", "7", "8"})
  void mosaic_keepsBoxesOnTheirObjects(long seed) throws IOException {
    Augmenter augmenter = augmenter(new AugmentSettings(0.5, 0.5, 1, 0.3, 0.1, 0, 0, 0, 0, 0), 12);
    SplittableRandom random = new SplittableRandom(seed);
    int boxes = 0;
    for (int i = 0; i < 12; i++) {
      Sample sample = augmenter.make(i, random);
      boxes += sample.objects().size();
      for (GroundTruth object : sample.objects()) {
        BoundingBox b = object.box();
        assertThat(b.xMin() >= 0 && b.yMin() >= 0 && b.xMax() <= 96 && b.yMax() <= 64).isTrue();
        // A pixel from each edge, where the scaled square is red through and through.
        for (int y = (int) Math.ceil(b.yMin()) + 1; y < (int) b.yMax() - 1; y++) {
          for (int x = (int) Math.ceil(b.xMin()) + 1; x < (int) b.xMax() - 1; x++) {
            assertThat(RedSquares.red(sample.rgb(), WIDTH, x, y)).as("%d, %d", x, y).isTrue();
          }
        }
      }
    }
    assertThat(boxes).isGreaterThan(12);
  }

  /** Red is 255, 0, 0: on the way to grey all channels come nearer to 85 and their sum stays. */
  @Test
  void saturation_movesColoursFromAndToGrey() throws IOException {
    Augmenter augmenter = augmenter(new AugmentSettings(0, 0, 0, 0, 0, 0, 0.4, 0, 0, 0), 1);
    int paler = 0;
    for (int seed = 0; seed < 20; seed++) {
      byte[] rgb = augmenter.make(0, new SplittableRandom(seed)).rgb();
      int at = (10 * WIDTH + 20) * 3;
      int red = rgb[at] & 255;
      int green = rgb[at + 1] & 255;

      assertThat(rgb[at + 2] & 255).isEqualTo(green);
      assertThat(red + 2 * green).isBetween(254, 256);
      assertThat(red).isGreaterThan(85 + (int) (0.6 * 170) - 2);
      paler += green > 0 ? 1 : 0;
    }
    assertThat(paler).isBetween(4, 16);
  }

  @Test
  void brightness_multipliesChannels() throws IOException {
    Augmenter augmenter = augmenter(new AugmentSettings(0, 0, 0, 0, 0, 0.3, 0, 0, 0, 0), 1);
    int darker = 0;
    for (int seed = 0; seed < 20; seed++) {
      byte[] rgb = augmenter.make(0, new SplittableRandom(seed)).rgb();
      int at = (10 * WIDTH + 20) * 3;

      assertThat(rgb[at] & 255).isBetween((int) (0.7 * 0.925 * 255), 255);
      assertThat(rgb[at + 1]).isZero();
      darker += (rgb[at] & 255) < 255 ? 1 : 0;
    }
    assertThat(darker).isBetween(4, 16);
  }

  /** The square's edge at column 8 becomes a slope about it, of up to four pixels a side. */
  @Test
  void blur_softensEdgesAndMovesNothing() throws IOException {
    Augmenter augmenter = augmenter(new AugmentSettings(0, 0, 0, 0, 0, 0, 0, 1, 0, 0), 1);
    int soft = 0;
    for (int seed = 0; seed < 20; seed++) {
      Sample sample = augmenter.make(0, new SplittableRandom(seed));
      int before = red(sample, 7);
      int behind = red(sample, 8);

      assertThat(red(sample, 3)).as("far outside").isZero();
      assertThat(red(sample, 12)).as("far inside").isEqualTo(255);
      assertThat(before + behind).as("about the edge").isBetween(254, 256);
      soft += before > 0 ? 1 : 0;
      assertThat(sample.objects()).extracting(GroundTruth::box).containsExactly(SQUARE);
    }
    assertThat(soft).isBetween(8, 19);
  }

  private static int red(Sample sample, int x) {
    return sample.rgb()[(16 * WIDTH + x) * 3] & 255;
  }

  /** Every byte is 0 or 255, so half of the noise is cut off. */
  @Test
  void noise_spreadsByUpToItsDeviation() throws IOException {
    byte[] clean = augmenter(AugmentSettings.NONE, 1).make(0, new SplittableRandom(1)).rgb();
    Augmenter augmenter = augmenter(new AugmentSettings(0, 0, 0, 0, 0, 0, 0, 0, 1, 0), 1);
    double most = 0;
    for (int seed = 0; seed < 20; seed++) {
      byte[] noisy = augmenter.make(0, new SplittableRandom(seed)).rgb();
      double squares = 0;
      for (int i = 0; i < clean.length; i++) {
        int difference = (noisy[i] & 255) - (clean[i] & 255);
        squares += difference * difference;
      }
      most = Math.max(most, Math.sqrt(2 * squares / clean.length));
    }
    assertThat(most).isBetween(20.0, 25.5);
  }

  /** Red is mixed in over the outer quarter; what was there stays to be seen. */
  @Test
  void paste_putsObjectsWhereTheirBoxesSay() throws IOException {
    Augmenter augmenter = augmenter(new AugmentSettings(0.5, 0, 0, 0.3, 0, 0, 0, 0, 0, 1), 12);
    SplittableRandom random = new SplittableRandom(3);
    int pasted = 0;
    for (int i = 0; i < 40; i++) {
      Sample sample = augmenter.make(i % 12, random);
      pasted += sample.objects().size() - 1;
      for (GroundTruth object : sample.objects()) {
        BoundingBox b = object.box();
        for (int y = (int) b.yMin() + 7; y < (int) b.yMax() - 7; y++) {
          for (int x = (int) b.xMin() + 7; x < (int) b.xMax() - 7; x++) {
            assertThat(RedSquares.red(sample.rgb(), WIDTH, x, y)).as("%d, %d", x, y).isTrue();
          }
        }
        assertThat(sample.objects())
            .filteredOn(other -> !other.equals(object))
            .allSatisfy(other -> assertThat(other.box().iou(b)).isLessThan(0.3f));
      }
    }
    assertThat(pasted).isGreaterThan(20);
  }

  @Test
  void move_dropsWhatIsHardlyVisible() {
    List<GroundTruth> objects =
        List.of(
            new GroundTruth(0, new BoundingBox(0, 0, 20, 20), false),
            new GroundTruth(1, new BoundingBox(0, 30, 20, 50), true));

    // 5 of 20 columns stay, a quarter; 3 of 20 are less than a fifth.
    assertThat(new Placement(1, -15, 1, 0).move(objects, INPUT, 50, 50))
        .containsExactly(
            new GroundTruth(0, new BoundingBox(0, 0, 5, 20), false),
            new GroundTruth(1, new BoundingBox(0, 30, 5, 50), true));
    assertThat(new Placement(1, -17, 1, 0).move(objects, INPUT, 50, 50)).isEmpty();
    assertThat(new Placement(0.09, 0, 1, 0).move(objects, INPUT, 50, 50))
        .as("1.8 columns")
        .isEmpty();
  }

  @Test
  void photoOfAColumn_keepsWhatFillsIt() {
    GroundTruth all = new GroundTruth(0, new BoundingBox(0, 0, 1, 40), false);

    assertThat(new Placement(0.7, 20, 0.7, 3).move(List.of(all), INPUT, 1, 40)).hasSize(1);
  }

  @Test
  void crowd_isNotLearnedFrom() throws IOException {
    Path photo = RedSquares.in(dir, 1).photos().getFirst().photo();
    BoundingBox box = new BoundingBox(0, 0, 20, 20);
    GroundTruth one = new GroundTruth(0, box, false);
    LabeledPhoto labeled =
        new LabeledPhoto(photo, List.of(new GroundTruth(0, box, true, true), one));
    DataSet set = new DataSet("crowd", List.of("square"), List.of(labeled));

    assertThat(new PhotoCache(set, HEIGHT, WIDTH, 1 << 20).get(0).objects())
        .singleElement()
        .matches(object -> !object.difficult());
  }

  private Augmenter augmenter(AugmentSettings settings, int photos) throws IOException {
    PhotoCache cache = new PhotoCache(RedSquares.in(dir, photos), HEIGHT, WIDTH, 1 << 20);
    return new Augmenter(settings, cache, HEIGHT, WIDTH);
  }
}
