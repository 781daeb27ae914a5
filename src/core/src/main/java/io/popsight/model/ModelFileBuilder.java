package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model file under construction: what every Popsight file has in common, whatever its layers
 * compute. Whoever has made the maps of the heads and of the spike layers ends with {@link #heads},
 * {@link #counts} and {@link #file}.
 */
public final class ModelFileBuilder extends OnnxBuilder {

  private final ModelMetadata metadata;

  /** Tensors of weights in the file: steps of an unrolled network share them. */
  private final IdentityHashMap<Weights, String> weightsInFile = new IdentityHashMap<>();

  /** An empty graph with its input. */
  public ModelFileBuilder(ModelMetadata metadata) {
    super(metadata.name(), metadata.inputHeight(), metadata.inputWidth());
    this.metadata = metadata;
  }

  /** A convolution whose weights are int8 in the file. */
  public void convolution(
      String name, String input, Weights weights, int stride, int padding, int groups) {
    String floats =
        weightsInFile.computeIfAbsent(weights, _ -> weights(name + ".weights", weights));
    convolution(name, List.of(input, floats), weights.kernel(), stride, padding, groups);
  }

  private String weights(String ints, Weights weights) {
    long k = weights.kernel();
    constant(
        ints,
        OnnxMl.TensorProto.DataType.INT8_VALUE,
        ByteBuffer.wrap(weights.toArray()),
        weights.outChannels(),
        weights.inChannels(),
        k,
        k);
    add("Cast", ints + ".float", List.of(ints), number("to", FLOAT));
    return ints + ".float";
  }

  /** Sums scaled and shifted channel by channel, and added to a map where there is a base. */
  public void scaled(
      String name, String sums, float[] factors, float[] offsets, Optional<String> base) {
    perChannel(name + ".factors", factors);
    perChannel(name + ".offsets", offsets);
    add("Mul", name + ".product", List.of(sums, name + ".factors"));
    String unit = base.isPresent() ? name + ".unit" : name;
    add("Add", unit, List.of(name + ".product", name + ".offsets"));
    base.ifPresent(map -> add("Add", name, List.of(unit, map)));
  }

  /** Ones where a map reaches its channel's threshold. */
  public void spikes(String name, String input, float[] thresholds) {
    perChannel(name + ".thresholds", thresholds);
    add("GreaterOrEqual", name + ".bool", List.of(input, name + ".thresholds"));
    add("Cast", name, List.of(name + ".bool"), number("to", FLOAT));
  }

  /**
   * A membrane, in doubles: whole numbers below 2^53 are exact in them, and so is their product
   * with a leak.
   *
   * @param reset thresholds of the spikes that are taken off the previous membrane; empty for none
   */
  public void membrane(Node.Membrane membrane, int[] reset) {
    String name = membrane.name();
    add("Cast", name + ".wide", List.of(membrane.input()), number("to", DOUBLE));
    doubles(name + ".unit", new double[] {1 << membrane.shift()});
    doubles(name + ".offsets", IntStream.of(membrane.offsets()).asDoubleStream().toArray());
    add("Mul", name + ".scaled", List.of(name + ".wide", name + ".unit"));
    String moved = membrane.previous().isPresent() ? name + ".moved" : name;
    add("Add", moved, List.of(name + ".scaled", name + ".offsets"));
    if (membrane.previous().isPresent()) {
      String previous = membrane.previous().get();
      if (membrane.reset().isPresent()) {
        add("Cast", name + ".fired", membrane.reset().stream().toList(), number("to", DOUBLE));
        doubles(name + ".resets", IntStream.of(reset).asDoubleStream().toArray());
        add("Mul", name + ".taken", List.of(name + ".fired", name + ".resets"));
        add("Sub", name + ".left", List.of(previous, name + ".taken"));
        previous = name + ".left";
      }
      doubles(name + ".leak", new double[] {(double) membrane.leak() / Node.Membrane.WHOLE});
      add("Mul", name + ".leaking", List.of(previous, name + ".leak"));
      add("Floor", name + ".kept", List.of(name + ".leaking"));
      add("Add", name, List.of(name + ".kept", moved));
    }
  }

  /** Ones where a membrane reaches its channel's threshold. */
  public void spikesOfMembrane(String name, String membrane, int[] thresholds) {
    doubles(name + ".thresholds", IntStream.of(thresholds).asDoubleStream().toArray());
    add("GreaterOrEqual", name + ".bool", List.of(membrane, name + ".thresholds"));
    add("Cast", name, List.of(name + ".bool"), number("to", FLOAT));
  }

  /** A double constant [1, channels, 1, 1]. */
  private void doubles(String name, double[] values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asDoubleBuffer().put(values);
    constant(name, DOUBLE, raw, 1, values.length, 1, 1);
  }

  /** The sums of all heads as outputs, and their scaled values for other readers of the file. */
  public void heads() {
    for (HeadMap head : metadata.heads()) {
      String sums = head.sumOutput();
      perChannel(head.valueOutput() + ".scale", head.scale());
      perChannel(head.valueOutput() + ".bias", head.bias());
      add("Mul", head.valueOutput() + ".scaled", List.of(sums, head.valueOutput() + ".scale"));
      add(
          "Add",
          head.valueOutput(),
          List.of(head.valueOutput() + ".scaled", head.valueOutput() + ".bias"));
      output(sums, head.channels(), head.rows(), head.columns());
      output(head.valueOutput(), head.channels(), head.rows(), head.columns());
    }
  }

  /**
   * The number of ones of each spike layer as outputs.
   *
   * @param maps names of maps of zeros and ones, in the metadata's order
   */
  public void counts(List<String> maps) {
    if (maps.isEmpty()) {
      return;
    }
    integers("spikes.axes", 1, 2, 3);
    for (int l = 0; l < maps.size(); l++) {
      String count = metadata.spikeLayers().get(l).countOutput();
      add("ReduceSum", count, List.of(maps.get(l), "spikes.axes"), number("keepdims", 0));
      output(count);
    }
  }

  /** The bytes of the file, with what it says of itself. */
  @Override
  public byte[] file() {
    return model()
        .addMetadataProps(
            OnnxMl.StringStringEntryProto.newBuilder()
                .setKey(MetadataJson.KEY)
                .setValue(MetadataJson.write(metadata)))
        .build()
        .toByteArray();
  }
}
