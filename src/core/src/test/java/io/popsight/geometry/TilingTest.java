package io.popsight.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TilingTest {

  @ParameterizedTest(name = "{0} a side")
  @ValueSource(ints = {2, 3, 4})
  void smallThing_liesWhollyWithinATile(int perSide) {
    Random random = new Random(perSide);
    Tiling tiling = new Tiling(perSide);
    for (int photo = 0; photo < 50; photo++) {
      int width = 60 + random.nextInt(2_000);
      int height = 60 + random.nextInt(2_000);
      int input = 32 * (1 + random.nextInt(12));
      List<Tile> tiles = tiling.tiles(width, height, input, 320);
      assertThat(tiles)
          .hasSizeBetween(perSide, tiling.mostLooks() - 1)
          .allSatisfy(TilingTest::assertWithin);
      float w = tiles.getFirst().width() / 4f;
      float h = tiles.getFirst().height() / 4f;
      float x = random.nextFloat() * (width - w);
      float y = random.nextFloat() * (height - h);
      BoundingBox thing = new BoundingBox(x, y, x + w, y + h);

      assertThat(tiles)
          .as("%s of %dx%d", thing, width, height)
          .anySatisfy(
              tile ->
                  assertThat(tile.toPhoto(onTile(thing, tile)))
                      .hasValueSatisfying(
                          back -> assertThat(back.iou(thing)).isGreaterThan(0.999f)));
    }
  }

  private static void assertWithin(Tile tile) {
    assertThat(tile.left()).isNotNegative();
    assertThat(tile.top()).isNotNegative();
    assertThat(tile.left() + tile.width()).isLessThanOrEqualTo(tile.photoWidth());
    assertThat(tile.top() + tile.height()).isLessThanOrEqualTo(tile.photoHeight());
  }

  /** As a network's box: clipped to the tile. */
  private static BoundingBox onTile(BoundingBox box, Tile tile) {
    return new BoundingBox(
        Math.clamp(box.xMin() - tile.left(), 0, tile.width()),
        Math.clamp(box.yMin() - tile.top(), 0, tile.height()),
        Math.clamp(box.xMax() - tile.left(), 0, tile.width()),
        Math.clamp(box.yMax() - tile.top(), 0, tile.height()));
  }

  @Test
  void tile_leavesWhatIsCutOrLargeToOthers() {
    List<Tile> tiles = new Tiling(2).tiles(1_000, 500, 640, 320);
    Tile left = tiles.getFirst();
    Tile right = tiles.get(1);

    assertThat(left).isEqualTo(new Tile(0, 0, 600, 300, 1_000, 500));
    assertThat(right).isEqualTo(new Tile(400, 0, 600, 300, 1_000, 500));
    assertThat(left.toPhoto(new BoundingBox(500, 50, 600, 150))).as("cut").isEmpty();
    assertThat(right.toPhoto(new BoundingBox(100, 50, 200, 150)))
        .contains(new BoundingBox(500, 50, 600, 150));
    assertThat(right.toPhoto(new BoundingBox(500, 0, 600, 150)))
        .as("the photo's own edges cut nothing")
        .contains(new BoundingBox(900, 0, 1_000, 150));
    assertThat(left.toPhoto(new BoundingBox(0, 10, 400, 100))).as("large").isEmpty();
    assertThat(left.toPhoto(new BoundingBox(10, 0, 100, 299))).as("high and cut").isEmpty();
  }

  /** A cut that enlarges nothing only gives up what it cuts. */
  @ParameterizedTest(name = "{0}x{1}, {2} a side: {3} x {4} of {5}x{6}")
  @CsvSource({
    "600, 600, 2, 2, 2, 360, 360",
    "600, 600, 4, 4, 4, 200, 200",
    "3840, 2160, 2, 2, 1, 2304, 2160",
    "3840, 2160, 4, 4, 3, 1280, 1280",
    "8000, 600, 4, 4, 1, 2667, 600",
    "1080, 2400, 3, 2, 3, 1029, 1029",
  })
  void tiles_haveTheShapeOfTheInput(
      int photoWidth, int photoHeight, int perSide, int columns, int rows, int width, int height) {
    List<Tile> tiles = new Tiling(perSide).tiles(photoWidth, photoHeight, 320, 320);

    assertThat(tiles)
        .hasSize(columns * rows)
        .allSatisfy(tile -> assertThat(tile.width()).isEqualTo(width))
        .allSatisfy(tile -> assertThat(tile.height()).isEqualTo(height));
    assertThat(tiles.stream().map(Tile::left).distinct()).hasSize(columns);
    assertThat(tiles.getLast().left() + width).isEqualTo(photoWidth);
    assertThat(tiles.getLast().top() + height).isEqualTo(photoHeight);
  }

  @Test
  void one_isTheWholePhotoAlone() {
    assertThat(Tiling.NONE.tiles(640, 480, 320, 320)).isEmpty();
    assertThat(Tiling.NONE.mostLooks()).isOne();
    assertThat(Tiling.NONE.pixels(320)).isEqualTo(320);
    assertThat(new Tiling(2).pixels(300)).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, -1})
  void others_areRefused(int perSide) {
    assertThatThrownBy(() -> new Tiling(perSide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tiles must be in 1..4, got " + perSide);
  }
}
