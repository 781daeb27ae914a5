package io.popsight.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.export.DetectorExport;
import io.popsight.trainer.export.TestFacts;
import io.popsight.trainer.network.Architecture;
import io.popsight.trainer.network.Architectures;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.network.Task;
import io.popsight.trainer.network.ThresholdScope;
import io.popsight.trainer.network.WeightBits;
import io.popsight.trainer.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A float twin's file as the teacher. */
class DistilledLossTest {

  private static final int SIDE = 64;
  private static final int PHOTOS = 2;
  private static final List<String> LABELS = List.of("a", "b");

  private final DetectionLoss alone =
      new DetectionLoss(
          new CellGrid(SIDE, SIDE, 8, 16, 32),
          LABELS.size(),
          Assigner.ALIGNED,
          BoxOverlap.GENERALISED,
          2);
  private final BatchSource.Batch batch =
      new BatchSource.Batch(pixels(), List.of(List.of(), List.of()));

  @TempDir Path folder;
  private SpikingDetector twin = twin();
  private Path file = Path.of("");

  @BeforeEach
  void writeTeacher() throws IOException {
    file =
        Files.write(
            folder.resolve("teacher.onnx"), DetectorExport.write(twin, TestFacts.of(LABELS, SIDE)));
  }

  @Test
  void teacher_saysWhatItsTrainingGraphSays() {
    try (Teacher teacher = teacher(LABELS);
        NoGradGuard _ = new NoGradGuard()) {
      Tensor trained =
          twin.forward(Tensors.ofBytes(pixels(), PHOTOS, SIDE, SIDE, 3), Statistics.AVERAGED)
              .cells();

      Tensor taught = teacher.cells(batch.pixels(), PHOTOS);

      assertThat(taught.sizes().vec().get()).isEqualTo(trained.sizes().vec().get());
      assertThat((double) taught.sub(trained).abs().max().item_float()).isLessThan(0.02);
    }
  }

  @Test
  void sayingWhatTheTeacherSays_costsNothing_andAnythingElseDoes() {
    Teacher teacher = teacher(LABELS);
    try (Loss distilled = new DistilledLoss(alone, teacher, 1)) {
      Tensor taught = teacher.cells(batch.pixels(), PHOTOS);

      assertThat(extra(distilled, taught)).isCloseTo(0, within(1e-4));
      assertThat(extra(distilled, moved(taught, 0, 4))).isGreaterThan(0.01);
      assertThat(extra(distilled, moved(taught, 4, 2))).isGreaterThan(0.01);
      assertThat(extra(distilled, moved(taught, 5, 1))).isGreaterThan(0.01);
    }
  }

  @Test
  void descendingTheGradient_leadsToTheTeacher() {
    Teacher teacher = teacher(LABELS);
    try (Loss distilled = new DistilledLoss(alone, teacher, 1)) {
      Tensor taught = teacher.cells(batch.pixels(), PHOTOS);
      Tensor cells = Tensors.times(taught, 0.5).requires_grad_(true);
      double before = extra(distilled, cells);
      for (int step = 0; step < 300; step++) {
        distilled.of(cells, batch).total().sub(alone.of(cells, batch).total()).backward();
        cells = cells.detach().sub(Tensors.times(cells.grad(), 2)).requires_grad_(true);
      }

      assertThat(extra(distilled, cells)).isLessThan(before / 2);
    }
  }

  @Test
  void teacherOfOtherClasses_isRefusedWithBoth() {
    assertThatThrownBy(() -> teacher(List.of("a", "c")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "teacher.onnx sees 64x64 pixels and [a, b]; the run has 64x64 and [a, c]");
  }

  private double extra(Loss distilled, Tensor cells) {
    return distilled.of(cells, batch).total().item_float()
        - alone.of(cells, batch).total().item_float();
  }

  /** With something added to some channels of all cells. */
  private static Tensor moved(Tensor cells, int channel, int channels) {
    Tensor moved = cells.clone();
    moved.narrow(2, channel, channels).add_(new Scalar(0.5f));
    return moved;
  }

  private Teacher teacher(List<String> labels) {
    return new Teacher(file, SIDE, SIDE, labels, PHOTOS, 1);
  }

  /** A network of random weights that takes half of what it sees for an object. */
  private static SpikingDetector twin() {
    torch.manual_seed(7);
    Architecture architecture =
        Architectures.twin(
            Architectures.plain(
                "residual",
                List.of(8, 16, 16, 16, 16),
                List.of(1, 1, 1, 1),
                16,
                WeightBits.of("1"),
                ThresholdScope.CHANNEL),
            false);
    SpikingDetector network = new SpikingDetector(architecture, Task.DETECTION, LABELS.size());
    try (NoGradGuard _ = new NoGradGuard()) {
      network
          .parameters()
          .trained()
          .forEach(
              (name, tensor) -> {
                if (name.endsWith(".bias")) {
                  tensor.narrow(0, 4, LABELS.size()).zero_();
                }
              });
      for (int i = 0; i < 5; i++) {
        network.forward(Tensors.ofBytes(pixels(), PHOTOS, SIDE, SIDE, 3), Statistics.estimate(i));
      }
    }
    return network;
  }

  private static byte[] pixels() {
    byte[] pixels = new byte[PHOTOS * SIDE * SIDE * 3];
    new Random(7).nextBytes(pixels);
    return pixels;
  }
}
