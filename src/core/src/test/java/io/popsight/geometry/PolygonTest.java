package io.popsight.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolygonTest {

  /** An L: a square of 10 without its upper right quarter. */
  private final Polygon corner =
      new Polygon(new float[] {0, 5, 5, 10, 10, 0}, new float[] {0, 0, 5, 5, 10, 10});

  @Test
  void contains_knowsADent() {
    assertThat(corner.contains(2, 2)).isTrue();
    assertThat(corner.contains(8, 8)).isTrue();
    assertThat(corner.contains(8, 2)).isFalse();
    assertThat(corner.contains(-1, 8)).isFalse();
    assertThat(corner.contains(2, 11)).isFalse();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void contains_agreesWithArithmeticOnABox(long seed) {
    Random random = new Random(seed);
    float left = random.nextFloat();
    float top = random.nextFloat();
    float right = left + 1 + random.nextFloat();
    float bottom = top + 1 + random.nextFloat();
    Polygon box =
        new Polygon(new float[] {left, right, right, left}, new float[] {top, top, bottom, bottom});
    for (int i = 0; i < 1_000; i++) {
      float x = 4 * random.nextFloat() - 0.5f;
      float y = 4 * random.nextFloat() - 0.5f;
      assertThat(box.contains(x, y))
          .as("%s,%s", x, y)
          .isEqualTo(x > left && x < right && y > top && y < bottom);
    }
  }

  @Test
  void twoCorners_areNoArea() {
    assertThatThrownBy(() -> new Polygon(new float[2], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a polygon has 3 to 100 corners, got 2");
  }
}
