package io.popsight.model;

import java.util.List;

/** Writes a typed graph as an ONNX file that any ONNX runtime executes with the same integers. */
public final class OnnxGraphWriter {

  private OnnxGraphWriter() {}

  /** The bytes of a model file. */
  public static byte[] write(ModelGraph graph, ModelMetadata metadata) {
    ModelFileBuilder onnx = new ModelFileBuilder(metadata);
    for (Node node : graph.nodes()) {
      switch (node) {
        case Node.Pixels p -> onnx.photo(p.name(), p.offset());
        case Node.Convolution c ->
            onnx.convolution(c.name(), c.input(), c.weights(), c.stride(), c.padding(), c.groups());
        case Node.Stream s ->
            onnx.scaled(s.name(), s.input(), floats(s.factors()), floats(s.offsets()), s.base());
        case Node.Membrane m ->
            onnx.membrane(m, m.reset().map(name -> thresholds(graph, name)).orElse(new int[0]));
        case Node.Spikes s -> {
          if (graph.node(s.input()) instanceof Node.Membrane) {
            onnx.spikesOfMembrane(s.name(), s.input(), s.thresholds());
          } else {
            onnx.spikes(s.name(), s.input(), floats(s.thresholds()));
          }
        }
        case Node.MaxPool p -> onnx.maxPool(p.name(), p.input(), p.size(), p.stride());
        case Node.OrPool p -> onnx.maxPool(p.name(), p.input(), p.size(), p.stride());
        case Node.Upsample u -> onnx.upsample(u.name(), u.input(), u.factor());
        case Node.Concat c -> onnx.concat(c.name(), c.inputs());
      }
    }
    List<String> heads = metadata.heads().stream().map(HeadMap::sumOutput).toList();
    if (!graph.heads().equals(heads)) {
      throw new IllegalArgumentException(
          "head convolutions %s must be called %s".formatted(graph.heads(), heads));
    }
    onnx.heads();
    onnx.counts(graph.spikeLayers());
    return onnx.file();
  }

  private static int[] thresholds(ModelGraph graph, String name) {
    return graph.node(name) instanceof Node.Spikes spikes ? spikes.thresholds() : new int[0];
  }

  private static float[] floats(int[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }
}
