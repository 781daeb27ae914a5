package io.popsight.benchmarks;

import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.Kernels;
import io.popsight.engine.conv.RowSums;
import io.popsight.engine.conv.StreamUpdate;
import io.popsight.engine.conv.Threshold;
import io.popsight.engine.conv.WeightPlanes;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The kernels one by one, a whole layer each: {@code ./popsight bench --kernels}. Vectors beside
 * their scalar reference, counting beside going event by event.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class KernelBenchmark {

  /** The family; of events, all convolutions go event by event. */
  @Param({"vector", "events", "scalar"})
  public String kernels = "vector";

  /** Rows and columns, channels in and out, kernel; or channels each by itself, kernel. */
  @Param({"80x64x64x3", "40x96x96x3", "20x256x256x1", "40x128xdepthwisex3"})
  public String layer = "40x96x96x3";

  /** Of the weights. */
  @Param({"1", "2", "8"})
  public int bits = 1;

  /** Share of ones in the input. */
  @Param({"0.1"})
  public double spikeRate = 0.1;

  private int rows;
  private BinaryConvolution convolution = (input, row, follows, into) -> {};
  private Threshold threshold = (sums, from, row, output) -> {};
  private StreamUpdate stream = Kernels.choose("scalar").stream(new int[1], new int[1], 1);
  private BitMap from = new BitMap(new Shape(1, 1, 1), 0);
  private BitMap to = from;
  private RowSums sums = RowSums.of(1, 0, 0, 1);
  private int[] streams = new int[0];
  private int rowSums;

  /** Random weights and spikes. */
  @Setup
  public void make() {
    String[] sizes = layer.split("x", -1);
    rows = Integer.parseInt(sizes[0]);
    int in = Integer.parseInt(sizes[1]);
    boolean depthwise = sizes[2].equals("depthwise");
    int out = depthwise ? in : Integer.parseInt(sizes[2]);
    int kernel = Integer.parseInt(sizes[3]);
    KernelFamily family = Kernels.choose(kernels);
    Random random = new Random(3);
    Shape output = new Shape(out, rows, rows);
    ConvolutionShape shape =
        new ConvolutionShape(output, kernel, 1, kernel / 2, family.sumsPerPixel(out));
    Weights weights = RandomLayer.weights(out, depthwise ? 1 : in, kernel, bits, random);
    boolean events = family.events() == KernelFamily.Events.ALWAYS;
    convolution =
        depthwise
            ? family.depthwise(shape, weights)
            : events
                ? family.events(shape, weights)
                : family.binary(shape, WeightPlanes.of(weights));
    threshold = family.threshold(new int[out], shape.sumsPerPixel());
    int[] factors = new int[out];
    Arrays.fill(factors, 23);
    stream = family.stream(factors, new int[out], shape.sumsPerPixel());
    rowSums = rows * shape.sumsPerPixel();
    sums = RowSums.of(rowSums, convolution.room(), convolution.weightRoom(), rows);
    streams = new int[rowSums * rows + RowSums.BEHIND];
    from = BitMap.random(new Shape(in, rows, rows), 1, spikeRate, random);
    to = new BitMap(output, 1);
  }

  /** Sums, thresholds, packed bits: a hidden layer. */
  @Benchmark
  public BitMap convolutionAndThreshold() {
    sums.weights().forget();
    for (int row = 0; row < rows; row++) {
      convolution.row(from, row, row > 0, sums);
      threshold.row(sums.values(), 0, row, to);
    }
    return to;
  }

  /** Sums, added to an integer stream: a residual unit. */
  @Benchmark
  public int[] convolutionAndStream() {
    sums.weights().forget();
    for (int row = 0; row < rows; row++) {
      convolution.row(from, row, row > 0, sums);
      stream.add(sums.values(), rows, streams, row * rowSums, streams, row * rowSums);
    }
    return streams;
  }
}
