package io.popsight.service.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.popsight.service.desk.RefusedException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonDataTest {

  private static final TensorSpec PIXELS =
      TensorSpec.of("pixel_values", Datatype.FP32, -1, 3, 320, 320);

  /** Else a hundred bytes take seventy megabytes. */
  @Test
  void shape_takesNoMemoryThatTheTextCannotFill() {
    byte[] text = "[1]".getBytes(StandardCharsets.US_ASCII);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThatThrownBy(
            () ->
                JsonData.read(
                    PIXELS,
                    List.of(64L, 3L, 320L, 320L),
                    text,
                    new InferJson.Slice(0, text.length)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("data has 1");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10 << 20);
  }

  @Test
  void shortestNumbers_allFindRoom() {
    byte[] text = "[1,2,3,4,5,6]".getBytes(StandardCharsets.US_ASCII);

    Tensor tensor =
        JsonData.read(
            TensorSpec.of("n", Datatype.INT64, -1, 3),
            List.of(2L, 3L),
            text,
            new InferJson.Slice(0, text.length));

    assertThat(tensor.data().remaining()).isEqualTo(6 * Long.BYTES);
  }
}
