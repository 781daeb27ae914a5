package io.popsight.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Puts membranes together out of the operators that {@link ModelFileBuilder#membrane} writes. */
final class OnnxMembrane {

  private OnnxMembrane() {}

  /** Integers, or spikes, as doubles. */
  static OnnxValue wide(String node, List<Node> nodes) {
    return isSpikes(node, nodes) ? new OnnxValue.Fired(node) : new OnnxValue.Wide(node, 1);
  }

  private static boolean isSpikes(String name, List<Node> nodes) {
    return nodes.stream().anyMatch(n -> n instanceof Node.Spikes && n.name().equals(name));
  }

  /** A product with a constant. */
  static OnnxValue times(OnnxValue value, double[] factors, List<Node> nodes) {
    return switch (value) {
      case OnnxValue.Wide(String node, double factor) -> {
        require(factor == 1 && factors.length == 1, "integers are scaled once, by one factor");
        yield new OnnxValue.Wide(node, factors[0]);
      }
      case OnnxValue.Fired(String spikes) -> new OnnxValue.Taken(spikes, factors);
      case OnnxValue.Left left -> {
        require(
            factors.length == 1 && nodes.stream().anyMatch(n -> isMembrane(n, left.membrane())),
            "only a membrane leaks, all of it by the same share");
        yield new OnnxValue.Kept(left, factors[0], false);
      }
      default -> throw new ModelRefusedException("multiplies something that has no factor here");
    };
  }

  private static boolean isMembrane(Node node, String name) {
    return node instanceof Node.Membrane && node.name().equals(name);
  }

  static OnnxValue floor(OnnxValue value) {
    if (value instanceof OnnxValue.Kept(var left, double share, boolean rounded) && !rounded) {
      return new OnnxValue.Kept(left, share, true);
    }
    throw new ModelRefusedException("only what leaks is rounded down, once");
  }

  static OnnxValue moved(OnnxValue.Wide wide, OnnxValue offsets) {
    if (offsets instanceof OnnxValue.Doubles(double[] values)) {
      return new OnnxValue.Moved(wide, values);
    }
    throw new ModelRefusedException("only constants are added to integers of a membrane");
  }

  /** A membrane without what its spikes take. */
  static OnnxValue left(String membrane, OnnxValue.Taken taken, List<Node> nodes) {
    int[] thresholds = integers("reset", taken.thresholds());
    boolean same =
        nodes.stream()
            .anyMatch(
                n ->
                    n instanceof Node.Spikes spikes
                        && spikes.name().equals(taken.spikes())
                        && spikes.input().equals(membrane)
                        && Arrays.equals(spikes.thresholds(), thresholds));
    require(same, "a reset takes what the membrane's own spikes needed to fire");
    return new OnnxValue.Left(membrane, Optional.of(taken.spikes()));
  }

  /** The membrane of a first step. */
  static Node.Membrane first(String name, OnnxValue.Moved moved) {
    return membrane(name, moved, Optional.empty(), Node.Membrane.WHOLE, Optional.empty());
  }

  /** The membrane of a later step. */
  static Node.Membrane of(String name, OnnxValue.Kept kept, OnnxValue added) {
    double leak = kept.share() * Node.Membrane.WHOLE;
    require(
        kept.rounded() && leak == Math.rint(leak) && leak >= 0 && leak <= Node.Membrane.WHOLE,
        "a membrane keeps a share of 256 that is rounded down");
    if (!(added instanceof OnnxValue.Moved moved)) {
      throw new ModelRefusedException("only integers are added to a membrane");
    }
    Optional<String> previous = Optional.of(kept.left().membrane());
    return membrane(name, moved, previous, (int) leak, kept.left().reset());
  }

  private static Node.Membrane membrane(
      String name,
      OnnxValue.Moved moved,
      Optional<String> previous,
      int leak,
      Optional<String> reset) {
    double factor = moved.wide().factor();
    int shift = Math.getExponent(factor);
    require(shift >= 0 && shift < Integer.SIZE && factor == 1L << shift, "a factor of 2^n");
    int[] offsets = integers("offset", moved.offsets());
    return new Node.Membrane(name, moved.wide().node(), previous, leak, shift, offsets, reset);
  }

  static int[] integers(String what, double[] values) {
    int[] integers = new int[values.length];
    for (int c = 0; c < values.length; c++) {
      integers[c] = (int) values[c];
      require(integers[c] == values[c], what + " is no integer");
    }
    return integers;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new ModelRefusedException(message);
    }
  }
}
