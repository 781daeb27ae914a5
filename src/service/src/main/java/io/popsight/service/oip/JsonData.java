package io.popsight.service.oip;

import io.popsight.JsonMistake;
import io.popsight.service.desk.Base64Text;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** A tensor's elements in JSON: nested or flat, row-major. */
final class JsonData {

  private JsonData() {}

  /**
   * Reads as many elements as the shape says. Encoded photos are base64 whatever the input's
   * content type, as no other text can hold them: MLServer's clients call that a "str".
   *
   * @param json text of the array
   * @throws RefusedException if there are more or fewer, or of another type
   */
  static Tensor read(TensorSpec spec, List<Long> shape, byte[] json, InferJson.Slice slice) {
    int count = Math.toIntExact(Tensor.count(shape));
    try (JsonParser parser =
        InferJson.JSON.createParser(
            ObjectReadContext.empty(), json, slice.from(), slice.to() - slice.from())) {
      if (spec.datatype() == Datatype.BYTES) {
        return Tensor.bytes(spec.name(), shape, texts(spec, count, parser));
      }
      // Memory for what the text can hold, at a digit and a comma each, whatever the shape says.
      int most = Math.min(count, (slice.to() - slice.from()) / 2 + 1);
      ByteBuffer data = Tensor.buffer(Math.multiplyExact(most, spec.datatype().size()));
      numbers(spec, count, parser, data);
      return new Tensor(spec.name(), spec.datatype(), shape, data.flip());
    } catch (JacksonException e) {
      throw refused(spec, "data: %s", JsonMistake.of(e));
    }
  }

  private static void numbers(TensorSpec spec, int count, JsonParser parser, ByteBuffer data) {
    int seen = 0;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
        continue;
      }
      if (++seen > count) {
        break;
      }
      switch (spec.datatype()) {
        case UINT8 -> data.put((byte) pixel(spec, parser));
        case INT64 -> data.putLong(whole(spec, parser));
        case FP32 -> data.putFloat(real(spec, parser));
        case BYTES -> throw new IllegalStateException("texts are read elsewhere");
      }
    }
    requireCount(spec, count, seen);
  }

  private static int pixel(TensorSpec spec, JsonParser parser) {
    long value = whole(spec, parser);
    if (value < 0 || value > 255) {
      throw refused(spec, "values must be in 0..255, got %d", value);
    }
    return (int) value;
  }

  private static long whole(TensorSpec spec, JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw refused(spec, "data must hold whole numbers, got %s", parser.currentToken());
    }
    return parser.getLongValue();
  }

  private static float real(TensorSpec spec, JsonParser parser) {
    if (!parser.currentToken().isNumeric()) {
      throw refused(spec, "data must hold numbers, got %s", parser.currentToken());
    }
    return parser.getFloatValue();
  }

  private static List<byte[]> texts(TensorSpec spec, int count, JsonParser parser) {
    List<byte[]> elements = new ArrayList<>();
    int seen = 0;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
        continue;
      }
      if (token != JsonToken.VALUE_STRING) {
        throw refused(spec, "data must hold base64 texts, got %s", token);
      }
      if (++seen > count) {
        break;
      }
      elements.add(decoded(spec, parser.getString()));
    }
    requireCount(spec, count, seen);
    return elements;
  }

  private static byte[] decoded(TensorSpec spec, String base64) {
    try {
      return Base64Text.decode(base64);
    } catch (IllegalArgumentException e) {
      throw refused(spec, "data is not base64: %s", String.valueOf(e.getMessage()));
    }
  }

  private static void requireCount(TensorSpec spec, int count, int seen) {
    if (seen != count) {
      throw refused(
          spec, "shape says %d elements, data has %s", count, seen > count ? "more" : seen);
    }
  }

  /** Writes the elements, flat. */
  static void write(Tensor tensor, JsonGenerator out) {
    out.writeStartArray();
    ByteBuffer data = tensor.data().duplicate().order(tensor.data().order());
    for (long n = 0; n < tensor.count(); n++) {
      switch (tensor.datatype()) {
        case UINT8 -> out.writeNumber(Byte.toUnsignedInt(data.get()));
        case INT64 -> out.writeNumber(data.getLong());
        case FP32 -> out.writeNumber(data.getFloat());
        case BYTES -> throw new IllegalStateException("no view answers with bytes");
      }
    }
    out.writeEndArray();
  }

  private static RefusedException refused(TensorSpec spec, String message, Object... values) {
    return new RefusedException(
        Refusal.INVALID_PARAMETER,
        "input '%s': ".formatted(spec.name()) + message.formatted(values));
  }
}
