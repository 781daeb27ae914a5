package io.popsight.service.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.service.desk.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferJsonTest {

  @Test
  void whatIsNotKnown_isPassedOver() {
    String data = "[[1,{\"a\":[2]}],[3]]";
    String json =
        "{\"x\":{\"y\":[{\"z\":{}},[]]},\"parameters\":{\"a\":{\"b\":[1]},\"c\":2},\"inputs\":[{\"x\":[[],{}],\"name\":\"n\",\"datatype\":\"FP32\",\"shape\":[3],\"data\":%s}],\"outputs\":[{\"x\":7,\"name\":\"o\"}]}"
            .formatted(data);

    InferJson read = read(json);

    InferJson.Input input = read.inputs().getFirst();
    InferJson.Slice slice = input.data().orElseThrow();
    assertThat(json.substring(slice.from(), slice.to())).isEqualTo(data);
    assertThat(input.name()).isEqualTo("n");
    assertThat(read.parameters()).containsOnlyKeys("c");
    assertThat(read.outputs()).extracting(InferJson.Output::name).containsExactly("o");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"x\":%s}",
        "{\"x\":[[%s]]}",
        "{\"inputs\":[{\"x\":%s}]}",
        "{\"inputs\":[{\"data\":%s}]}",
        "{\"outputs\":[{\"x\":%s}]}",
        "{\"parameters\":{\"x\":%s}}"
      })
  void manyNames_areRefusedWhereverTheyAre(String where) {
    assertTooManyNames(where.formatted(names(10_000)));
  }

  /** Each of few enough. */
  @Test
  void manyObjectsWithNames_areRefused() {
    assertTooManyNames("{\"x\":[" + names(900) + ("," + names(900)).repeat(11) + "]}");
    String input = "{\"name\":\"a\",\"datatype\":\"FP32\",\"parameters\":%s}".formatted(names(900));
    assertTooManyNames("{\"inputs\":[" + input + ("," + input).repeat(11) + "]}");
  }

  private static void assertTooManyNames(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(RefusedException.class)
        .hasMessage("more than 10000 names in the request");
  }

  private static InferJson read(String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return InferJson.read(body, body.length);
  }

  private static String names(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"%d\":0".formatted(i))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
