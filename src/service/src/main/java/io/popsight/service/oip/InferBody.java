package io.popsight.service.oip;

import static io.popsight.service.desk.RefusedException.invalid;

import io.popsight.service.desk.RefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The body of an infer request over HTTP: JSON, JSON and raw tensors behind it, or one raw tensor.
 *
 * @param id to be echoed
 * @param request what is asked
 * @param binary names of the outputs that go back raw
 */
record InferBody(Optional<String> id, InferenceRequest request, Set<String> binary) {

  private static final String SIZE = "binary_data_size";
  private static final String BINARY = "binary_data";
  private static final String ALL_BINARY = "binary_data_output";

  /**
   * Reads it against a view.
   *
   * @param jsonLength the header {@code Inference-Header-Content-Length}; empty: all is JSON
   * @throws RefusedException if it is not what the protocol or the view says
   */
  static InferBody read(ModelView view, byte[] body, Optional<String> jsonLength) {
    int length = jsonLength.map(text -> length(text, body.length)).orElse(body.length);
    if (length == 0 && jsonLength.isPresent()) {
      return raw(view, body);
    }
    InferJson json = InferJson.read(body, length);
    return new InferBody(
        json.id(),
        new InferenceRequest(
            json.parameters(),
            new Tensors(view, body, length).read(json),
            json.outputs().stream().map(InferJson.Output::name).toList()),
        binary(view, json));
  }

  private static int length(String text, int most) {
    if (text.matches("\\d{1,9}")) {
      int length = Integer.parseInt(text);
      if (length <= most) {
        return length;
      }
    }
    throw invalid(
        "Inference-Header-Content-Length must be in 0..%d, the length of the body; got '%s'",
        most, text);
  }

  /** The body is the one input; all outputs go back raw. */
  private static InferBody raw(ModelView view, byte[] body) {
    if (view.inputs().size() != 1) {
      throw invalid("a raw request needs a model with one input; %s has more", view.name());
    }
    TensorSpec spec = view.inputs().getFirst();
    Tensor input =
        spec.datatype() == Datatype.BYTES
            ? Tensor.bytes(spec.name(), List.of(1L), List.of(unprefixed(body)))
            : numbers(spec, body);
    Set<String> all = new HashSet<>();
    view.outputs().forEach(output -> all.add(output.name()));
    return new InferBody(
        Optional.empty(), new InferenceRequest(Map.of(), List.of(input), List.of()), all);
  }

  /** No kind of photo begins with its own length, so a length there is the protocol's. */
  private static byte[] unprefixed(byte[] body) {
    ByteBuffer photo = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    if (body.length < Integer.BYTES || photo.getInt() != body.length - Integer.BYTES) {
      return body;
    }
    byte[] rest = new byte[photo.remaining()];
    photo.get(rest);
    return rest;
  }

  private static Tensor numbers(TensorSpec spec, byte[] body) {
    List<Long> shape = new ArrayList<>(spec.shape());
    shape.set(0, 1L);
    long one = Tensor.count(shape) * spec.datatype().size();
    if (body.length == 0 || body.length % one != 0) {
      throw invalid(
          "input '%s': %d bytes are no multiple of %d, the size of one",
          spec.name(), body.length, one);
    }
    shape.set(0, body.length / one);
    spec.check(spec.datatype().name(), shape);
    return new Tensor(spec.name(), spec.datatype(), shape, ByteBuffer.wrap(body));
  }

  private static Set<String> binary(ModelView view, InferJson json) {
    boolean usual = isTrue(json.parameters(), ALL_BINARY, false);
    Set<String> binary = new HashSet<>();
    if (json.outputs().isEmpty() && usual) {
      view.outputs().forEach(output -> binary.add(output.name()));
    }
    for (InferJson.Output output : json.outputs()) {
      InferenceRequest.requireSupported(output.name(), output.parameters().keySet());
      if (isTrue(output.parameters(), BINARY, usual)) {
        binary.add(output.name());
      }
    }
    return binary;
  }

  private static boolean isTrue(Map<String, Object> parameters, String name, boolean usual) {
    Object value = parameters.getOrDefault(name, usual);
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw invalid("parameter %s must be true or false, got %s", name, value);
  }

  /** Inputs' data: inside the JSON, or behind it in the same order. */
  private static final class Tensors {

    private final ModelView view;
    private final byte[] body;
    private int at;

    Tensors(ModelView view, byte[] body, int jsonLength) {
      this.view = view;
      this.body = body;
      this.at = jsonLength;
    }

    List<Tensor> read(InferJson json) {
      List<Tensor> tensors = new ArrayList<>();
      for (InferJson.Input input : json.inputs()) {
        TensorSpec spec = view.input(input.name());
        spec.check(input.datatype(), input.shape());
        InferenceRequest.requireSupported(input.name(), input.parameters().keySet());
        tensors.add(
            input.data().isPresent()
                ? inside(spec, input, input.data().get())
                : behind(spec, input, json.inputs().size() == 1));
      }
      if (at < body.length) {
        throw invalid("%d bytes are left over behind the last input", body.length - at);
      }
      return tensors;
    }

    private Tensor inside(TensorSpec spec, InferJson.Input input, InferJson.Slice data) {
      if (input.parameters().containsKey(SIZE)) {
        throw invalid("input '%s' has both data and %s", input.name(), SIZE);
      }
      return JsonData.read(spec, input.shape(), body, data);
    }

    private Tensor behind(TensorSpec spec, InferJson.Input input, boolean only) {
      int left = body.length - at;
      Object said = input.parameters().get(SIZE);
      if (said == null && only && spec.datatype() == Datatype.BYTES && left > 0) {
        // OpenVINO Model Server's habit: the only input without a size is one photo.
        return Tensor.bytes(spec.name(), List.of(1L), List.of(taken(left)));
      }
      if (!(said instanceof Integer size) || size < 0 || size > left) {
        throw said == null
            ? invalid("input '%s' has neither data nor %s", input.name(), SIZE)
            : invalid(
                "input '%s': %s is %s, but %d bytes are left", input.name(), SIZE, said, left);
      }
      return raw(spec, input.shape(), ByteBuffer.wrap(taken(size)));
    }

    private byte[] taken(int bytes) {
      byte[] taken = java.util.Arrays.copyOfRange(body, at, at + bytes);
      at += bytes;
      return taken;
    }
  }

  /**
   * Raw data of an input whose shape is checked.
   *
   * @throws RefusedException if its length is not what the shape says
   */
  static Tensor raw(TensorSpec spec, List<Long> shape, ByteBuffer data) {
    long wanted = Tensor.count(shape) * spec.datatype().size();
    if (spec.datatype() != Datatype.BYTES && data.remaining() != wanted) {
      throw invalid(
          "input '%s': shape %s takes %d bytes, got %d",
          spec.name(), shape, wanted, data.remaining());
    }
    return new Tensor(spec.name(), spec.datatype(), shape, data);
  }
}
