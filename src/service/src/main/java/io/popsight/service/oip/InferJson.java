package io.popsight.service.oip;

import io.popsight.JsonMistake;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON part of an infer request. Tensors' data is only found here, not read: its type may be
 * said behind it, and a number in a tree costs twenty times the byte that it stands for.
 */
record InferJson(
    Optional<String> id, Map<String, Object> parameters, List<Input> inputs, List<Output> outputs) {

  /**
   * One input.
   *
   * @param data where its elements stand in the JSON text; empty if they come behind it
   */
  record Input(
      String name,
      String datatype,
      List<Long> shape,
      Map<String, Object> parameters,
      Optional<Slice> data) {}

  /** A piece of the text, in bytes. */
  record Slice(int from, int to) {}

  /** An output asked for. */
  record Output(String name, Map<String, Object> parameters) {}

  private static final int MOST_ENTRIES = 1000;

  /** Of all objects together: each costs many times its bytes, also where nothing is kept of it. */
  private static final int MOST_NAMES = 10_000;

  private static final int DEEPEST = 32;

  static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(100)
                  .build())
          .build();

  /**
   * Reads it.
   *
   * @param length bytes of JSON at the start of the body
   * @throws RefusedException saying where it is not what the protocol says
   */
  static InferJson read(byte[] body, int length) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body, 0, length)) {
      InferJson read = new Reader(parser).request();
      if (parser.nextToken() != null) {
        throw malformed("there is more than one JSON document");
      }
      return read;
    } catch (JacksonException e) {
      throw malformed("not JSON: " + JsonMistake.of(e));
    }
  }

  private static RefusedException malformed(String message) {
    return new RefusedException(Refusal.MALFORMED_REQUEST, message);
  }

  /** One pass over the text. */
  private static final class Reader {

    private final JsonParser parser;
    private int names;

    Reader(JsonParser parser) {
      this.parser = parser;
    }

    /** What is done with a field's value; the parser stands on it. */
    private interface Field {
      void read(String name);
    }

    InferJson request() {
      parser.nextToken();
      @Nullable String[] id = new String[1];
      Map<String, Object> parameters = new LinkedHashMap<>();
      List<Input> inputs = new ArrayList<>();
      List<Output> outputs = new ArrayList<>();
      object(
          "the request",
          name -> {
            switch (name) {
              case "id" -> id[0] = text("id");
              case "parameters" -> parameters.putAll(parameters());
              case "inputs" -> array("inputs", () -> inputs.add(input()));
              case "outputs" -> array("outputs", () -> outputs.add(output()));
              default -> skip();
            }
          });
      return new InferJson(Optional.ofNullable(id[0]), parameters, inputs, outputs);
    }

    private Input input() {
      Map<String, String> texts = new LinkedHashMap<>();
      List<Long> shape = new ArrayList<>();
      Map<String, Object> parameters = new LinkedHashMap<>();
      List<Slice> data = new ArrayList<>();
      object(
          "an input",
          name -> {
            switch (name) {
              case "name", "datatype" -> texts.put(name, text(name));
              case "shape" -> array("shape", () -> shape.add(dimension()));
              case "parameters" -> parameters.putAll(parameters());
              case "data" -> data.add(skipped());
              default -> skip();
            }
          });
      return new Input(
          required(texts, "name", "an input"),
          required(texts, "datatype", "an input"),
          shape,
          parameters,
          data.stream().findFirst());
    }

    private Output output() {
      Map<String, String> texts = new LinkedHashMap<>();
      Map<String, Object> parameters = new LinkedHashMap<>();
      object(
          "an output",
          name -> {
            switch (name) {
              case "name" -> texts.put(name, text(name));
              case "parameters" -> parameters.putAll(parameters());
              default -> skip();
            }
          });
      return new Output(required(texts, "name", "an output"), parameters);
    }

    private Slice skipped() {
      long from = parser.currentTokenLocation().getByteOffset();
      skip();
      parser.finishToken();
      long to = parser.currentLocation().getByteOffset();
      if (from < 0 || to < from) {
        throw malformed("JSON must be UTF-8");
      }
      return new Slice(Math.toIntExact(from), Math.toIntExact(to));
    }

    private Map<String, Object> parameters() {
      Map<String, Object> parameters = new LinkedHashMap<>();
      object("parameters", name -> scalar().ifPresent(value -> parameters.put(name, value)));
      return parameters;
    }

    /** Objects and arrays are other servers' parameters. */
    private Optional<Object> scalar() {
      return switch (parser.currentToken()) {
        case VALUE_STRING -> Optional.of(parser.getString());
        case VALUE_TRUE -> Optional.of(true);
        case VALUE_FALSE -> Optional.of(false);
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Optional.of(parser.getNumberValue());
        default -> {
          skip();
          yield Optional.empty();
        }
      };
    }

    private long dimension() {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw malformed("shape must hold whole numbers, got " + parser.currentToken());
      }
      return parser.getLongValue();
    }

    private String text(String name) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw malformed(name + " must be text");
      }
      return parser.getString();
    }

    /** A field of null is one that was left out: Python's types write all that they know. */
    private void object(String what, Field field) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw malformed(what + " must be a JSON object");
      }
      int entries = 0;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        countName();
        String name = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_NULL) {
          field.read(name);
        }
        bounded(what, ++entries);
      }
    }

    private void array(String what, Runnable element) {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw malformed(what + " must be a JSON array");
      }
      int entries = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        element.run();
        bounded(what, ++entries);
      }
    }

    /** To the end of the value that the parser stands on. */
    private void skip() {
      int open = 0;
      do {
        JsonToken token = parser.currentToken();
        if (token.isStructStart()) {
          open++;
        } else if (token.isStructEnd()) {
          open--;
        } else if (token == JsonToken.PROPERTY_NAME) {
          countName();
        }
      } while (open > 0 && parser.nextToken() != null);
    }

    private void countName() {
      if (++names > MOST_NAMES) {
        throw malformed("more than %d names in the request".formatted(MOST_NAMES));
      }
    }

    private static void bounded(String what, int entries) {
      if (entries > MOST_ENTRIES) {
        throw malformed("more than %d entries in %s".formatted(MOST_ENTRIES, what));
      }
    }

    private static String required(Map<String, String> texts, String name, String what) {
      String text = texts.get(name);
      if (text == null) {
        throw malformed("%s has no %s".formatted(what, name));
      }
      return text;
    }
  }
}
