package io.popsight.trainer.run;

import io.popsight.trainer.network.LayerPattern;
import io.popsight.trainer.tensor.Parameters;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Layers that learn nothing: neither weights nor averages change. */
record FrozenLayers(List<LayerPattern> patterns) {

  static FrozenLayers of(List<String> freeze) {
    return new FrozenLayers(freeze.stream().map(LayerPattern::new).toList());
  }

  /**
   * Names of the tensors that learn. The others want no gradient: the backward pass ends where
   * nothing before it learns.
   *
   * @throws IllegalArgumentException for a pattern that names no layer
   */
  Set<String> learning(Parameters parameters) {
    Set<String> names = parameters.trained().keySet();
    Set<String> layers =
        names.stream().map(FrozenLayers::layer).collect(Collectors.toCollection(TreeSet::new));
    patterns.forEach(pattern -> pattern.requireAny("freeze", layers));
    Set<String> learning =
        names.stream().filter(name -> !isFrozen(layer(name))).collect(Collectors.toSet());
    parameters.trained().forEach((name, tensor) -> tensor.requires_grad_(learning.contains(name)));
    return learning;
  }

  /**
   * Refuses layers that are to stay as they are and were not taken over: random ones.
   *
   * @param from where the others come from
   * @param fresh layers that are not in a model file, or tensors that are not in a checkpoint
   */
  void requireTaken(String from, Collection<String> fresh) {
    String random =
        fresh.stream()
            .map(name -> from.endsWith(".onnx") ? name : layer(name))
            .distinct()
            .filter(this::isFrozen)
            .collect(Collectors.joining(", "));
    if (!random.isEmpty()) {
      throw new IllegalArgumentException(
          "freeze: %s would stay random, because %s has none that fits; give the network the keys that it was trained with, such as network.units"
              .formatted(random, from));
    }
  }

  /** Whether a layer is one of them. */
  boolean isFrozen(String layer) {
    return patterns.stream().anyMatch(pattern -> pattern.fits(layer));
  }

  /** The layer that a trained tensor is of. */
  static String layer(String name) {
    return name.substring(0, name.lastIndexOf('.'));
  }
}
