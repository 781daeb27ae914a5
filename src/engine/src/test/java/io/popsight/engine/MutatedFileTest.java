package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.RandomModels;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/**
 * Files that are right but for one thing, made wrong at random where their structure is: they are
 * refused in words, or run, and then ONNX Runtime says the same where it takes them at all.
 */
class MutatedFileTest {

  private static final int FILES = 3000;
  private static final Duration HANG = Duration.ofSeconds(20);

  private final Backends backends = Backends.installed();

  @Test
  void mutatedFile_isRefusedOrRuns_andNeverOtherwiseThanOnnxRuntime() {
    int run = 0;
    int compared = 0;
    for (int seed = 0; seed < FILES; seed++) {
      byte[] bytes = mutated(seed);
      int[][] popcount =
          assertTimeoutPreemptively(HANG, () -> sums("popcount", bytes), "seed " + seed)
              .orElse(new int[0][]);
      if (popcount.length == 0) {
        continue;
      }
      run++;
      Optional<int[][]> onnx = sums("onnx", bytes);
      if (onnx.isPresent()) {
        compared++;
        assertThat(Arrays.deepToString(onnx.get()))
            .as("seed %d", seed)
            .isEqualTo(Arrays.deepToString(popcount));
      }
    }
    // The mutations are neither all fatal nor all harmless.
    assertThat(run).isBetween(FILES / 20, FILES * 19 / 20);
    assertThat(compared).isGreaterThan(run / 2);
  }

  /** Empty where the file is refused. */
  private Optional<int[][]> sums(String backend, byte[] bytes) {
    try (CompiledModel model =
        backends.open(backend, BackendSettings.DEFAULT).compile(ModelFile.parse(bytes))) {
      Scratch scratch = model.newScratch(1);
      RandomModels.fillPixels(1, scratch.pixels());
      model.run(scratch, 1);
      return Optional.of(scratch.headSums());
    } catch (ModelRefusedException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return Optional.empty();
    }
  }

  private static byte[] mutated(int seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try {
      OnnxMl.ModelProto.Builder model =
          OnnxMl.ModelProto.parseFrom(RandomModels.file(seed % 100)).toBuilder();
      mutate(model, random);
      return model.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void mutate(OnnxMl.ModelProto.Builder model, RandomGenerator random) {
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    int node = random.nextInt(graph.getNodeCount());
    OnnxMl.TensorProto.Builder tensor =
        graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
    switch (random.nextInt(8)) {
      case 0 -> value(tensor, random);
      case 1 -> {
        if (tensor.getDimsCount() > 0) {
          long[] sides = {-1, 0, 1, 2, 3, 1 << 20, Integer.MAX_VALUE, Long.MAX_VALUE};
          tensor.setDims(
              random.nextInt(tensor.getDimsCount()), sides[random.nextInt(sides.length)]);
        }
      }
      case 2 -> tensor.setDataType(random.nextInt(24));
      case 3 -> attribute(graph.getNodeBuilder(node), random);
      case 4 -> {
        OnnxMl.NodeProto.Builder reader = graph.getNodeBuilder(node);
        OnnxMl.NodeProto made = graph.getNode(random.nextInt(graph.getNodeCount()));
        if (reader.getInputCount() > 0) {
          reader.setInput(random.nextInt(reader.getInputCount()), made.getOutput(0));
        }
      }
      case 5 -> graph.removeNode(node);
      case 6 -> {
        int other = random.nextInt(graph.getNodeCount());
        OnnxMl.NodeProto moved = graph.getNode(node);
        graph.setNode(node, graph.getNode(other)).setNode(other, moved);
      }
      default -> {
        String json = model.getMetadataProps(0).getValue();
        int at = random.nextInt(json.length());
        char digit = (char) ('0' + random.nextInt(10));
        model
            .getMetadataPropsBuilder(0)
            .setValue(json.substring(0, at) + digit + json.substring(at + 1));
      }
    }
  }

  private static void value(OnnxMl.TensorProto.Builder tensor, RandomGenerator random) {
    if (tensor.getRawData().isEmpty()) {
      return;
    }
    byte[] raw = tensor.getRawData().toByteArray();
    raw[random.nextInt(raw.length)] = (byte) random.nextInt();
    tensor.setRawData(ByteString.copyFrom(raw));
  }

  private static void attribute(OnnxMl.NodeProto.Builder node, RandomGenerator random) {
    if (node.getAttributeCount() == 0) {
      return;
    }
    OnnxMl.AttributeProto.Builder attribute =
        node.getAttributeBuilder(random.nextInt(node.getAttributeCount()));
    long[] values = {-1, 0, 1, 2, 3, 7, 1 << 20, Long.MAX_VALUE};
    long value = values[random.nextInt(values.length)];
    if (attribute.getIntsCount() > 0) {
      attribute.setInts(random.nextInt(attribute.getIntsCount()), value);
    } else {
      attribute.setI(value);
    }
  }
}
