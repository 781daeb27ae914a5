package io.popsight.trainer.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Everything that a network keeps between steps, by name: what is trained and what is only counted.
 */
public final class Parameters {

  private final SequencedMap<String, Tensor> trained = new LinkedHashMap<>();
  private final SequencedMap<String, Tensor> buffers = new LinkedHashMap<>();

  /** Adds a tensor that the optimizer changes. */
  public Tensor train(String name, Tensor initial) {
    return keep(trained, name, initial.requires_grad_(true));
  }

  /** Adds a tensor that only the forward pass changes. */
  public Tensor buffer(String name, Tensor initial) {
    return keep(buffers, name, initial);
  }

  /** All, trained ones first. */
  public SequencedMap<String, Tensor> all() {
    SequencedMap<String, Tensor> all = new LinkedHashMap<>(trained);
    all.putAll(buffers);
    return all;
  }

  /** What the optimizer changes, by name. */
  public SequencedMap<String, Tensor> trained() {
    return Collections.unmodifiableSequencedMap(trained);
  }

  /** Moves all of them; to be done before an optimizer is made or a gradient computed. */
  public void moveTo(Device device) {
    try (NoGradGuard _ = new NoGradGuard()) {
      all().values().forEach(tensor -> tensor.set_data(device.hold(tensor.detach())));
    }
  }

  /** The present values of all tensors. */
  public SequencedMap<String, Tensor> copy() {
    SequencedMap<String, Tensor> copy = new LinkedHashMap<>();
    all().forEach((name, tensor) -> copy.put(name, keptCopy(tensor)));
    return copy;
  }

  /** Values by name into the tensors of these names; the others stay. */
  public void set(Map<String, Tensor> values) {
    try (NoGradGuard _ = new NoGradGuard()) {
      SequencedMap<String, Tensor> all = all();
      values.forEach(
          (name, value) -> {
            Tensor own = all.get(name);
            if (own == null) {
              throw new IllegalArgumentException("no tensor is called " + name);
            }
            own.copy_(value);
          });
    }
  }

  /** A copy of the values that outlives the scope it is made in. */
  public static Tensor keptCopy(Tensor tensor) {
    Tensor copy = tensor.detach().clone();
    copy.retainReference();
    return copy;
  }

  /** The trained tensors whose name passes. */
  public TensorVector trained(Predicate<String> name) {
    TensorVector vector = new TensorVector();
    trained.forEach(
        (key, tensor) -> {
          if (name.test(key)) {
            vector.push_back(tensor);
          }
        });
    return vector;
  }

  /** Clamps the trained tensors whose name passes to [-limit, limit], in place. */
  public void clip(Predicate<String> name, double limit) {
    try (NoGradGuard _ = new NoGradGuard()) {
      trained.forEach(
          (key, tensor) -> {
            if (name.test(key)) {
              tensor.copy_(Tensors.clamp(tensor, -limit, limit));
            }
          });
    }
  }

  /** Number of trained values. */
  public long size() {
    return trained.values().stream().mapToLong(Tensor::numel).sum();
  }

  /** The name of a tensor that holds a value which is not finite, or empty. */
  public String firstNotFinite() {
    for (var entry : trained.entrySet()) {
      if (!torch.isfinite(entry.getValue()).all().item_bool()) {
        return entry.getKey();
      }
    }
    return "";
  }

  private static Tensor keep(SequencedMap<String, Tensor> map, String name, Tensor tensor) {
    tensor.retainReference();
    if (map.put(name, tensor) != null) {
      throw new IllegalArgumentException("two tensors are called " + name);
    }
    return tensor;
  }
}
