package io.popsight.trainer.export;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelFileBuilder;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Weights;
import io.popsight.trainer.network.Activation;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.ConvolutionLayer;
import io.popsight.trainer.network.HeadLayer;
import io.popsight.trainer.network.HoyerSpike;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.Relu;
import io.popsight.trainer.network.Sign;
import io.popsight.trainer.network.SpikingDetector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes a network with float weights, or a float twin, as an ONNX file that the onnx backend runs
 * and the popcount engine refuses by the name of the layer. Layers of integer weights stay integers
 * in it. Batch norm is folded into thresholds, or into the weights where there is ReLU.
 */
final class FloatExport {

  private final SpikingDetector network;
  private final ModelMetadata metadata;
  private final ModelFileBuilder onnx;
  private final List<String> counted = new ArrayList<>();

  FloatExport(SpikingDetector network, DetectorExport.Facts facts) {
    this.network = network;
    this.metadata = ExportMetadata.of(network, facts);
    this.onnx = new ModelFileBuilder(metadata);
  }

  byte[] file() {
    onnx.photo(SpikingDetector.PIXELS, SpikingDetector.PIXEL_OFFSET);
    for (Block block : network.blocks()) {
      switch (block) {
        case Block.Spiking b -> {
          switch (b.activation()) {
            case Activation.Stepping stepping -> stepping(b, stepping);
            case Relu _ -> rectified(b);
          }
        }
        case Block.Stream b -> scaled(b.name(), b.convolution(), b.input(), b.base());
        case Block.Fire b -> {
          switch (b.activation()) {
            case Activation.Stepping stepping -> {
              String ones = ones(b.name(), stepping);
              onnx.spikes(ones, b.stream(), floats(stepping.thresholds()));
              fired(b.name(), ones);
            }
            case Relu _ -> relu(b.name(), b.stream());
          }
        }
        case Block.Upsample b -> onnx.upsample(b.name(), b.input(), 2);
        case Block.Concat b -> onnx.concat(b.name(), b.inputs());
        case Block.Head b -> head(b.layer(), b.input());
      }
    }
    onnx.heads();
    onnx.counts(counted);
    return onnx.file();
  }

  /** Where weights are integers, thresholds are those of the integer file. */
  private void stepping(Block.Spiking layer, Activation.Stepping stepping) {
    LayerPlan plan = layer.convolution().plan();
    boolean stem = layer.input().equals(SpikingDetector.PIXELS);
    double[] real = IntegerThresholds.real(layer, inputScale(layer.input()));
    float[] thresholds = floats(real);
    if (plan.weightBits().integer()) {
      Weights weights = DetectorExport.weights(layer.convolution());
      thresholds =
          floats(
              Arrays.stream(
                      IntegerThresholds.of(
                          real,
                          weights,
                          stem ? -SpikingDetector.PIXEL_OFFSET : stepping instanceof Sign ? -1 : 0,
                          stem ? SpikingDetector.PIXEL_OFFSET : 1))
                  .asDoubleStream()
                  .toArray());
    }
    convolution(layer.convolution(), layer.input());
    String ones = ones(layer.name(), stepping);
    String fired = plan.pooled() ? layer.name() + ".fired" : ones;
    onnx.spikes(fired, layer.name() + DetectorExport.SUM, thresholds);
    if (plan.pooled()) {
      onnx.maxPool(ones, fired, 2, 2);
    }
    fired(layer.name(), ones);
  }

  /** Name of the map of zeros and ones: the layer's own unless signs are made of it. */
  private static String ones(String layer, Activation.Stepping stepping) {
    return switch (stepping) {
      case HoyerSpike _ -> layer;
      case Sign _ -> layer + ".ones";
    };
  }

  /** Zeros and ones are counted; where the layer is called otherwise, it is their signs. */
  private void fired(String layer, String ones) {
    counted.add(ones);
    if (!ones.equals(layer)) {
      onnx.constant(layer + ".two", new float[] {2}, 1);
      onnx.constant(layer + ".one", new float[] {1}, 1);
      onnx.add("Mul", layer + ".twice", List.of(ones, layer + ".two"));
      onnx.add("Sub", layer, List.of(layer + ".twice", layer + ".one"));
    }
  }

  private void rectified(Block.Spiking layer) {
    ConvolutionLayer convolution = layer.convolution();
    LayerPlan plan = convolution.plan();
    String name = layer.name() + DetectorExport.SUM;
    String potential = name;
    if (plan.adder()) {
      potential = layer.name() + ".potential";
      scaled(potential, convolution, layer.input(), Optional.empty());
    } else {
      folded(name, layer);
    }
    if (plan.pooled()) {
      onnx.maxPool(layer.name() + ".pooled", potential, 2, 2);
    }
    relu(layer.name(), plan.pooled() ? layer.name() + ".pooled" : potential);
  }

  private void folded(String name, Block.Spiking layer) {
    ConvolutionLayer convolution = layer.convolution();
    LayerPlan plan = convolution.plan();
    ConvolutionLayer.Affine affine = convolution.affine(inputScale(layer.input()));
    float[] weights = convolution.floatWeights();
    int window = weights.length / plan.outChannels();
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= (float) affine.factors()[i / window];
    }
    weights(name, plan, weights);
    onnx.constant(name + ".bias", floats(affine.offsets()), plan.outChannels());
    onnx.convolution(
        name,
        List.of(layer.input(), name + ".weights", name + ".bias"),
        plan.kernel(),
        plan.stride(),
        plan.kernel() / 2,
        plan.groups());
  }

  private void scaled(String name, ConvolutionLayer layer, String input, Optional<String> base) {
    convolution(layer, input);
    ConvolutionLayer.Affine affine = layer.affine(1);
    onnx.scaled(
        name,
        layer.plan().name() + DetectorExport.SUM,
        floats(affine.factors()),
        floats(affine.offsets()),
        base);
  }

  /** Units above zero are counted as if they were spikes. */
  private void relu(String name, String potential) {
    onnx.add("Relu", name, List.of(potential));
    onnx.add("Sign", name + ".active", List.of(name));
    counted.add(name + ".active");
  }

  private void head(HeadLayer head, String input) {
    String sums = HeadMap.sumOutput(head.stride());
    if (head.weightBits().integer()) {
      onnx.convolution(sums, input, DetectorExport.weights(head), 1, 0, 1);
      return;
    }
    float[] weights = head.floatWeights();
    int out = head.outChannels();
    onnx.constant(sums + ".weights", weights, out, weights.length / out, 1, 1);
    onnx.constant(sums + ".bias", head.biases(), out);
    onnx.convolution(sums + ".real", List.of(input, sums + ".weights", sums + ".bias"), 1, 1, 0, 1);
    onnx.constant(sums + ".step", new float[] {ExportMetadata.HEAD_STEP}, 1, 1, 1, 1);
    onnx.add("Div", sums + ".steps", List.of(sums + ".real", sums + ".step"));
    onnx.add("Round", sums, List.of(sums + ".steps"));
  }

  private void convolution(ConvolutionLayer layer, String input) {
    LayerPlan plan = layer.plan();
    String name = plan.name() + DetectorExport.SUM;
    if (plan.weightBits().integer()) {
      onnx.convolution(
          name,
          input,
          DetectorExport.weights(layer),
          plan.stride(),
          plan.kernel() / 2,
          plan.groups());
      return;
    }
    if (plan.adder()) {
      AdderNodes.add(onnx, name, input, plan, layer.floatWeights());
      return;
    }
    weights(name, plan, layer.floatWeights());
    onnx.convolution(
        name,
        List.of(input, name + ".weights"),
        plan.kernel(),
        plan.stride(),
        plan.kernel() / 2,
        plan.groups());
  }

  private void weights(String convolution, LayerPlan plan, float[] values) {
    onnx.constant(
        convolution + ".weights",
        values,
        plan.outChannels(),
        plan.groupChannels(),
        plan.kernel(),
        plan.kernel());
  }

  private static double inputScale(String input) {
    return input.equals(SpikingDetector.PIXELS) ? SpikingDetector.PIXEL_SCALE : 1;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
