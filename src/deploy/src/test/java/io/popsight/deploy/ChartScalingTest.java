package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many pods there are, and what decides it. */
class ChartScalingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "replicas=3 | 3 | 3 | none",
        "autoscaling.enabled=true | 2 | 20 | 100",
        "autoscaling.enabled=true autoscaling.targetCpuPercent=70 autoscaling.maxReplicas=5 | 2 | 5 | 70"
      })
  void kserve_scalesAsTheValuesSay(
      String values, String fewest, String most, @Nullable String target) {
    JsonNode predictor =
        Chart.manifest("InferenceService", ("kserve.enabled=true " + values).split(" "))
            .at("/spec/predictor");

    assertThat(predictor.get("minReplicas").asText()).isEqualTo(fewest);
    assertThat(predictor.get("maxReplicas").asText()).isEqualTo(most);
    assertThat(predictor.path("scaleTarget").asText(null)).isEqualTo(target);
    assertThat(predictor.has("scaleMetric"))
        .as("KServe 0.16 takes a RawDeployment's for Knative's, which has no cpu")
        .isFalse();
  }

  @Test
  void autoscalingSwitchedOn_keepsTheReplicasThatThereAre() {
    String on = "autoscaling.enabled=true";

    assertThat(Chart.manifest(7, "Deployment", on).at("/spec/replicas").asInt()).isEqualTo(7);
    assertThat(Chart.manifest("Deployment", on).at("/spec").has("replicas"))
        .as("where there is none the autoscaler begins")
        .isFalse();
    assertThat(Chart.manifest(0, "Deployment", on).at("/spec/replicas").asInt())
        .as("an autoscaler leaves a Deployment alone that has none")
        .isEqualTo(2);
    assertThat(Chart.manifest(7, "Deployment", "replicas=3").at("/spec/replicas").asInt())
        .isEqualTo(3);
  }

  /** As SCALING.md runs it, but for fewer and slower photos. */
  @Test
  void simulatedDay_hasTheChartsReplicasAndLetsThoseOfTheCrowdGo() throws Exception {
    JsonNode autoscaler =
        Chart.manifest("HorizontalPodAutoscaler", "autoscaling.enabled=true").get("spec");
    Process simulation =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "../benchmarks/src/main/java/io/popsight/benchmarks/AutoscalingSimulation.java",
                "0.6",
                "6")
            .redirectErrorStream(true)
            .start();
    List<String> lines = simulation.inputReader().lines().toList();

    assertThat(simulation.waitFor()).as("%s", lines).isZero();
    assertThat(lines.getFirst())
        .contains(
            " %d to %d replicas"
                .formatted(
                    autoscaler.get("minReplicas").asInt(), autoscaler.get("maxReplicas").asInt()));
    assertThat(lines.subList(2, lines.size()))
        .hasSize(4)
        .allSatisfy(
            line -> {
              String[] columns = line.strip().split(" +", -1);
              assertThat(Integer.parseInt(columns[3])).as(line).isGreaterThan(4);
              assertThat(Double.parseDouble(columns[2]))
                  .as("most of the day two or three are enough: %s", line)
                  .isLessThan(3 * 24);
            });
  }

  @Test
  void cpuTarget_isTheShareOfTheLimitThatScalingSays() throws Exception {
    String[] values = {"autoscaling.enabled=true"};
    int ofTheRequest =
        Chart.manifest("HorizontalPodAutoscaler", values)
            .at("/spec/metrics/0/resource/target/averageUtilization")
            .asInt();
    JsonNode resources =
        Chart.manifest("Deployment", values).at("/spec/template/spec/containers/0/resources");
    int ofTheLimit =
        ofTheRequest * resources.at("/requests/cpu").asInt() / resources.at("/limits/cpu").asInt();

    assertThat(Files.readString(Chart.FOLDER.resolveSibling("SCALING.md")))
        .contains(
            "processor use, %d %% of the limit by default".formatted(ofTheLimit),
            "| %d %% (the chart's %d %% of the request) |".formatted(ofTheLimit, ofTheRequest));
  }

  /**
   * A wait says nothing until replicas are full: alone it would take away those that are needed.
   */
  @Test
  void queueWait_isAskedForBesideTheProcessor() {
    String on = "autoscaling.enabled=true";
    JsonNode cpu = Chart.manifest("HorizontalPodAutoscaler", on).at("/spec/metrics");
    JsonNode both =
        Chart.manifest("HorizontalPodAutoscaler", on, "autoscaling.metric=queueWait")
            .at("/spec/metrics");

    assertThat(cpu).hasSize(1);
    assertThat(both).hasSize(2);
    assertThat(both.get(0)).isEqualTo(cpu.get(0));
    assertThat(both.at("/1/type").asText()).isEqualTo("Pods");
  }

  @Test
  void queueWait_isAskedForAsTheRulesRecordItAndTheAdapterOffersIt() throws Exception {
    String asked =
        Chart.manifest(
                "HorizontalPodAutoscaler",
                "autoscaling.enabled=true",
                "autoscaling.metric=queueWait")
            .at("/spec/metrics/1/pods/metric/name")
            .asText();

    assertThat(Chart.read("rules/popsight.yaml").findValuesAsText("record")).contains(asked);
    assertThat(Files.readString(Chart.FOLDER.resolveSibling("SCALING.md")))
        .contains("seriesQuery: '" + asked + "{namespace!=\"\",pod!=\"\"}'");
  }
}
