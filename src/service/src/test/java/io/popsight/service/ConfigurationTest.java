package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

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
    "models, ''",
    "default-model, ''",
    "threads, -1",
    "threads, 1025",
    "queue, 0",
    "deadline, 0s",
    "deadline, 61m",
    "drain, -1s",
    "drain, 61m",
    "cors-origins, example.com",
    "cors-origins, https://example.com/path",
    "max-photo-size, 2GB",
    "max-photo-pixels, 0",
    "min-upload-rate, -1B",
    "scan-interval, -1s",
    "scan-interval, 25h",
    "url-fetch.timeout, 0s",
    "url-fetch.timeout, 61m",
    "deepstack.max-predictions, 0",
    "doods.max-detections, 0"
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
  void modelNamedTwice_isToldWithItsKey() {
    assertThatThrownBy(
            () ->
                bind(
                    Map.of(
                        "popsight.per-model[0].name", "street",
                        "popsight.per-model[1].name", "street")))
        .rootCause()
        .hasMessage("popsight.per-model (street).name: want each model once, got street");
  }

  @Test
  void tilesOutOfRange_areToldWithTheirKey() {
    assertThatThrownBy(
            () ->
                bind(
                    Map.of(
                        "popsight.per-model[0].name", "street",
                        "popsight.per-model[0].tiles", "5")))
        .rootCause()
        .hasMessage("popsight.per-model (street).tiles: want 1 to 4, got 5");
  }

  @Test
  void durationWithoutAUnit_isOfSeconds() {
    PopsightProperties bound =
        bind(
            Map.of(
                "popsight.deadline", "5",
                "popsight.drain", "0",
                "popsight.scan-interval", "60",
                "popsight.url-fetch.timeout", "7"));

    assertThat(bound.deadline()).hasSeconds(5);
    assertThat(bound.drain()).isZero();
    assertThat(bound.scanInterval()).hasSeconds(60);
    assertThat(bound.urlFetch().timeout()).hasSeconds(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "https://example.com", "http://localhost:3000/", "null"})
  void originsThatPagesHave_areTaken(String origin) {
    assertThat(bind(Map.of("popsight.cors-origins", origin)).corsOrigins()).containsExactly(origin);
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

  @ParameterizedTest
  @CsvSource({
    "POPSIGHT_DEADLIN, POPSIGHT_DEADLINE",
    "POPSIGHT_MAXPHOTOSICE, POPSIGHT_MAXPHOTOSIZE",
    "POPSIGHT_MAX_PHOTO_SICE, POPSIGHT_MAX_PHOTO_SIZE",
    "POPSIGHT_KEYS_1_ROLE, POPSIGHT_KEYS_0_ROLES",
    "POPSIGHT_PER_MODEL_0_MINSCORE, POPSIGHT_PERMODEL_0_MINSCORE",
    "POPSIGHT_DOORS_OPI, POPSIGHT_DOORS_OIP",
    "POPSIGHT_DEEPSTACK_ENABLED, POPSIGHT_DOORS_DEEPSTACK",
    "POPSIGHT_DOODS_ENABLED, POPSIGHT_DOORS_DOODS",
    "POPSIGHT_OIP, POPSIGHT_DOORS_OIP",
    "POPSIGHT_PLAYGROUND, POPSIGHT_PLAYGROUND_ENABLED"
  })
  void variableThatIsNoSetting_isToldWithTheNearest(String name, String nearest) {
    assertThat(UnknownVariables.of(Set.of(name, "PATH", "POPSIGHTED")))
        .containsExactly(name + " in the environment is no setting; the nearest is " + nearest);
  }

  @Test
  void variablesOfSettingsAndOfOthers_arePassedOver() {
    Map<String, String> settings = new TreeMap<>();
    describe("popsight", PopsightProperties.class, settings);
    for (String key : settings.keySet()) {
      String name = key.replace("[N]", ".12").replace('.', '_').toUpperCase(Locale.ROOT);
      assertThat(UnknownVariables.of(Set.of(name.replace("-", "")))).isEmpty();
      assertThat(UnknownVariables.of(Set.of(name.replace('-', '_')))).isEmpty();
    }
    assertThat(
            UnknownVariables.of(
                Set.of(
                    "POPSIGHT_KEYS_0_ROLES_1",
                    "POPSIGHT_CORS_ORIGINS_0",
                    "POPSIGHT_JAVA_OPTIONS",
                    "POPSIGHT_TORCH",
                    "POPSIGHT_IMAGE",
                    "POPSIGHT_KEY",
                    "POPSIGHT_GRPC_PORT",
                    "POPSIGHT_PORT",
                    "POPSIGHT_PORT_8080_TCP",
                    "POPSIGHT_PORT_8080_TCP_ADDR",
                    "POPSIGHT_SERVICE_HOST",
                    "POPSIGHT_SERVICE_PORT",
                    "POPSIGHT_SERVICE_PORT_HTTP",
                    "POPSIGHT_HEADLESS_SERVICE_HOST",
                    "POPSIGHT_HEADLESS_PORT_9090_TCP_PROTO")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POPSIGHT_PERMODEL_0_MINSCORE",
        "POPSIGHT_PER_MODEL_0_MIN_SCORE",
        "POPSIGHT_PER_MODEL_0_MINSCORE",
        "POPSIGHT_PERMODEL_0_MIN_SCORE",
      })
  void variable_isPassedOverWhereSpringBindsIt(String name) {
    PropertySource<?> environment =
        new SystemEnvironmentPropertySource(
            "systemEnvironment",
            Map.of("POPSIGHT_PERMODEL_0_NAME", "a", "POPSIGHT_PER_MODEL_0_NAME", "a", name, "0.5"));
    PopsightProperties bound =
        new Binder(Objects.requireNonNull(ConfigurationPropertySource.from(environment)))
            .bindOrCreate("popsight", PopsightProperties.class);

    assertThat(UnknownVariables.of(Set.of(name)).isEmpty())
        .isEqualTo(bound.perModel().getFirst().minScore() != null);
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
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
