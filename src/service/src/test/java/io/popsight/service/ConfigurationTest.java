package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The page says what the records are. */
class ConfigurationTest {

  private static final Pattern ROW =
      Pattern.compile("^\\| `(popsight\\.[^`]+)` \\| (?:`([^`]*)`)? ?\\|", Pattern.MULTILINE);

  @Test
  void page_hasEveryKeyAndItsDefault() throws IOException {
    Map<String, String> documented =
        ROW.matcher(Files.readString(Path.of("CONFIGURATION.md")))
            .results()
            .collect(
                Collectors.toMap(
                    row -> row.group(1),
                    row -> row.group(2) == null ? "" : row.group(2),
                    (first, second) -> first + " and " + second,
                    TreeMap::new));
    Map<String, String> there = new TreeMap<>();
    describe("popsight", PopsightProperties.class, there);

    assertThat(documented).isEqualTo(there);
  }

  @ParameterizedTest
  @CsvSource({
    "threads, -1",
    "queue, 0",
    "deadline, 0s",
    "max-photo-size, 2GB",
    "max-photo-pixels, 0",
    "scan-interval, -1s",
    "url-fetch.timeout, 0s",
    "deepstack.max-predictions, 0"
  })
  void valueOutOfRange_isToldWithItsKey(String key, String value) {
    assertThatThrownBy(() -> bind(Map.of("popsight." + key, value)))
        .rootCause()
        .hasMessageContaining("popsight." + key + ": want ");
  }

  @Test
  void modelWithoutAName_isToldWithItsKey() {
    assertThatThrownBy(() -> bind(Map.of("popsight.per-model[0].iou", "0.5")))
        .rootCause()
        .hasMessageContaining("popsight.per-model ().name: want the name of a model");
  }

  @Test
  void faults_areToldTogether() {
    assertThatThrownBy(
            () ->
                bind(
                    Map.of(
                        "popsight.queue", "0",
                        "popsight.per-model[0].name", "street",
                        "popsight.per-model[0].iou", "2")))
        .rootCause()
        .hasMessageContaining("popsight.queue: want 1 or more, got 0")
        .hasMessageContaining("popsight.per-model (street).iou: want 0 to 1, got 2.0");
  }

  private static PopsightProperties bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("popsight", PopsightProperties.class);
  }

  private static void describe(String prefix, Class<?> type, Map<String, String> keys) {
    for (RecordComponent component : type.getRecordComponents()) {
      String key = prefix + "." + kebab(component.getName());
      if (component.getType().isRecord()) {
        describe(key, component.getType(), keys);
      } else if (element(component.getGenericType()).isRecord()) {
        describe(key + "[N]", element(component.getGenericType()), keys);
      } else {
        keys.put(key, defaultOf(type, component));
      }
    }
  }

  private static Class<?> element(Type type) {
    return type instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] instanceof Class<?> element
        ? element
        : Object.class;
  }

  private static String defaultOf(Class<?> type, RecordComponent component) {
    return Stream.of(type.getDeclaredConstructors()[0].getParameters())
        .filter(parameter -> parameter.getName().equals(component.getName()))
        .flatMap(parameter -> Stream.ofNullable(parameter.getAnnotation(DefaultValue.class)))
        .flatMap(value -> Stream.of(value.value()))
        .findFirst()
        .orElse("");
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
  }
}
