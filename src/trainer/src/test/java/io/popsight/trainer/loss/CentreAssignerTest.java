package io.popsight.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cells around an object's centre, at the stride of its size. */
class CentreAssignerTest {

  private static final CellGrid CELLS = new CellGrid(256, 256, 8, 16, 32);

  @ParameterizedTest
  @CsvSource({"40, 8", "64, 8", "65, 16", "128, 16", "129, 32", "250, 32"})
  void longerSide_choosesTheStride_andTheCellsAtTheCentreAnswer(float side, float stride) {
    List<Integer> cells =
        owned(0, object(128 - side / 2, 128 - side / 2, 128 + side / 2, 128 + side / 2));

    assertThat(cells).isNotEmpty();
    assertThat(cells)
        .allSatisfy(
            cell -> {
              assertThat(CELLS.stride(cell)).isEqualTo(stride);
              assertThat(Math.abs(CELLS.x(cell) - 128)).isLessThan(1.5f * stride);
            });
  }

  @Test
  void cellOfTwoObjects_answersForTheSmaller() {
    GroundTruth large = object(100, 100, 160, 160);
    GroundTruth small = object(118, 118, 142, 142);

    assertThat(owned(1, large, small)).isEqualTo(owned(0, small));
    assertThat(owned(0, small, large)).isEqualTo(owned(0, small));
  }

  @Test
  void everyChosenCell_aimsAtOne_andNoOther() {
    Assignment choice = CentreAssigner.assign(CELLS, List.of(object(30, 30, 70, 80)));

    for (int cell = 0; cell < CELLS.size(); cell++) {
      assertThat(choice.target()[cell]).isEqualTo(choice.object()[cell] == 0 ? 1 : 0);
    }
  }

  @Test
  void photoOfNothing_asksNoCell() {
    assertThat(Arrays.stream(CentreAssigner.assign(CELLS, List.of()).object()).distinct())
        .containsExactly(-1);
  }

  private static GroundTruth object(float xMin, float yMin, float xMax, float yMax) {
    return new GroundTruth(0, new BoundingBox(xMin, yMin, xMax, yMax), false);
  }

  private static List<Integer> owned(int object, GroundTruth... objects) {
    int[] owner = CentreAssigner.assign(CELLS, List.of(objects)).object();
    return IntStream.range(0, owner.length).filter(cell -> owner[cell] == object).boxed().toList();
  }
}
