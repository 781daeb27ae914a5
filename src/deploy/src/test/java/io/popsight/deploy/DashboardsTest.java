package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Grafana asks of a dashboard's file; Grafana itself is not among the tests. */
class DashboardsTest {

  private static final int COLUMNS = 24;
  private static final Set<String> PANELS = Set.of("timeseries", "stat", "table", "heatmap");

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("dashboards"))) {
      return files.map(file -> "dashboards/" + file.getFileName()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void panels_areOfKnownKindsAndDoNotOverlap(String file) throws IOException {
    JsonNode dashboard = Chart.read(file);
    Set<Integer> ids = new HashSet<>();
    Set<String> places = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      String title = panel.get("title").asText();
      assertThat(title).isNotBlank();
      assertThat(panel.get("type").asText()).as(title).isIn(PANELS);
      assertThat(ids.add(panel.get("id").asInt())).as("%s: id", title).isTrue();
      JsonNode grid = panel.get("gridPos");
      assertThat(grid.get("x").asInt() + grid.get("w").asInt()).as(title).isBetween(1, COLUMNS);
      for (int y = grid.get("y").asInt(); y < grid.get("y").asInt() + grid.get("h").asInt(); y++) {
        for (int x = grid.get("x").asInt();
            x < grid.get("x").asInt() + grid.get("w").asInt();
            x++) {
          assertThat(places.add(x + " " + y)).as("%s lies over another", title).isTrue();
        }
      }
      assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotBlank();
      Set<String> queries = new HashSet<>();
      for (JsonNode target : panel.get("targets")) {
        assertThat(queries.add(target.get("refId").asText())).as("%s: refId", title).isTrue();
        assertThat(target.get("expr").asText()).as(title).isNotBlank();
        assertThat(target.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
      }
    }
  }

  /** Releases may be called the same in two namespaces, and their jobs with them. */
  @Test
  void jobs_areToldApartByNamespaceInPanelsAndRules() throws IOException {
    List<String> queries =
        new ArrayList<>(Chart.read("rules/popsight.yaml").findValuesAsText("expr"));
    for (String file : files()) {
      queries.addAll(Chart.read(file).findValuesAsText("expr"));
    }

    assertThat(queries)
        .hasSizeGreaterThan(60)
        .allSatisfy(
            query ->
                assertThat(query).doesNotContainPattern("by \\((?!namespace, )[^)]*\\bjob\\b"));
  }

  /**
   * Also under All, which Grafana makes of the jobs it knows unless it is told a value. Of
   * namespaces it may know none: outside Kubernetes series have no such label.
   */
  @ParameterizedTest
  @MethodSource("files")
  void panels_askOfTheChosenNamespacesAndJobsAlone(String file) throws IOException {
    JsonNode dashboard = Chart.read(file);

    assertThat(dashboard.at("/templating/list"))
        .filteredOn(variable -> variable.has("allValue"))
        .singleElement()
        .satisfies(
            namespace -> {
              assertThat(namespace.get("name").asText()).isEqualTo("namespace");
              assertThat(namespace.get("allValue").asText()).isEqualTo(".*");
            });
    assertThat(dashboard.findValuesAsText("expr"))
        .allSatisfy(
            query ->
                assertThat(query)
                    .doesNotContainPattern(
                        "\\{(?![^}]*namespace=~\"\\$namespace[|\"]+,job=~\"\\$job)|popsight[_:][\\w:]+(?![\\w:{])"));
  }

  @Test
  void driftPanel_namesTheModelsThatTheRuleHasALineFor() throws IOException {
    String rule =
        Chart.read("rules/popsight.yaml").findValuesAsText("expr").stream()
            .filter(query -> query.contains("popsight_spike_rate_drift_ratio{model="))
            .findFirst()
            .orElseThrow();
    Matcher models = Pattern.compile("popsight-\\((.*?)\\)").matcher(rule);

    assertThat(models.find()).isTrue();
    assertThat(Chart.read("dashboards/sparsity.json").at("/panels/0/description").asText())
        .contains(models.group(1).replaceAll("(\\w+)", "popsight-$1").replace("|", ", "));
  }

  @Test
  void dashboards_areToldApartAndKnowTheirVariables() throws IOException {
    Set<String> uids = new HashSet<>();
    for (String file : files()) {
      JsonNode dashboard = Chart.read(file);
      assertThat(uids.add(dashboard.get("uid").asText())).as(file).isTrue();
      assertThat(dashboard.get("schemaVersion").asInt()).as(file).isGreaterThanOrEqualTo(36);
      assertThat(dashboard.at("/templating/list").findValuesAsText("name"))
          .as(file)
          .contains("datasource", "namespace", "job");
    }
    assertThat(uids).hasSize(4);
  }
}
