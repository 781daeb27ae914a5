package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.popsight.service.PopsightApplication;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Debian's Prometheus scrapes the running service; every query of ours is put to it. */
class PrometheusIT {

  private static final Duration TRAFFIC = Duration.ofSeconds(45);

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @Test
  void rules_areRightAndFireAndClear() throws Exception {
    assumeTrue(Programs.installed("promtool"), "no promtool: apt-get install prometheus");
    Path rules = Chart.FOLDER.resolve("rules");

    assertThat(run(rules, "promtool", "check", "rules", "popsight.yaml")).isZero();
    assertThat(run(rules, "promtool", "test", "rules", "popsight.test.yaml")).isZero();
  }

  @Test
  void panels_countWhatTheirTitlesSay() throws Exception {
    assumeTrue(Programs.installed("promtool"), "no promtool: apt-get install prometheus");
    Files.writeString(
        folder.resolve("panels.test.yaml"),
        """
        tests:
          - name: a replica that is up and has no model does not answer
            input_series:
              - {series: 'up{namespace="cameras",job="popsight",instance="a"}', values: 1}
              - {series: 'up{namespace="cameras",job="popsight",instance="b"}', values: 1}
              - {series: 'popsight_model_ready{namespace="cameras",job="popsight",instance="a",model="street"}', values: 1}
              - {series: 'popsight_model_ready{namespace="cameras",job="popsight",instance="a",model="cells"}', values: 1}
              - {series: 'popsight_model_ready{namespace="cameras",job="popsight",instance="b",model="street"}', values: 0}
            promql_expr_test:
              - {expr: '%1$s', exp_samples: [{labels: '{namespace="cameras",job="popsight"}', value: 1}]}
          - name: places are a replica's
            input_series:
              - {series: 'popsight_queue_capacity{namespace="cameras",job="popsight",instance="a"}', values: 32}
              - {series: 'popsight_queue_capacity{namespace="cameras",job="popsight",instance="b"}', values: 2}
            promql_expr_test:
              - expr: '%2$s'
                exp_samples: [{labels: '{instance="a"}', value: 32}, {labels: '{instance="b"}', value: 2}]
          - name: alerts are those that fire, of the namespace and the job or of none
            input_series:
              - {series: 'ALERTS{alertname="PopsightDrift",alertstate="firing",namespace="cameras",job="popsight",instance="a"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightDrift",alertstate="firing",namespace="cameras",job="popsight",instance="b"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightNotReady",alertstate="firing"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightSaturated",alertstate="firing",namespace="cameras",job="other"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightSaturated",alertstate="firing",namespace="lab",job="popsight"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightModelStale",alertstate="pending",namespace="cameras",job="popsight"}', values: 1}
            promql_expr_test:
              - expr: '%3$s'
                exp_samples:
                  - {labels: '{alertname="PopsightDrift"}', value: 2}
                  - {labels: '{alertname="PopsightNotReady"}', value: 1}
          - name: no alert is nought
            input_series:
              - {series: 'ALERTS{alertname="PopsightSaturated",alertstate="firing",namespace="cameras",job="other"}', values: 1}
            promql_expr_test:
              - {expr: '%3$s', exp_samples: [{labels: '{}', value: 0}]}
          - name: a job whose replicas are gone can be chosen while it has an alert
            input_series:
              - {series: 'popsight_build_info{namespace="cameras",job="popsight"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightNotReady",alertstate="firing",namespace="cameras",job="gone"}', values: 1}
              - {series: 'ALERTS{alertname="PopsightNotReady",alertstate="firing",namespace="lab",job="far"}', values: 1}
              - {series: 'ALERTS{alertname="TargetDown",alertstate="firing",namespace="cameras",job="other"}', values: 1}
            promql_expr_test:
              - expr: 'group by (job) (%4$s)'
                exp_samples: [{labels: '{job="popsight"}', value: 1}, {labels: '{job="gone"}', value: 1}]
        """
            .formatted(
                panel("kubernetes", "Replicas that answer").getFirst(),
                panel("overview", "Queue").getLast(),
                panel("overview", "Alerts").getFirst(),
                jobs("overview")));

    assertThat(run(folder, "promtool", "test", "rules", "panels.test.yaml")).isZero();
  }

  /** The queries of a panel for the job popsight in the namespace cameras. */
  private static List<String> panel(String dashboard, String title) throws IOException {
    for (JsonNode panel : Chart.read("dashboards/" + dashboard + ".json").get("panels")) {
      if (panel.get("title").asText().equals(title)) {
        return panel.findValuesAsText("expr").stream()
            .map(query -> query.replace("$job", "popsight").replace("$namespace", "cameras"))
            .toList();
      }
    }
    throw new AssertionError("no panel " + title);
  }

  /** The series of the namespace cameras whose jobs are there to be chosen. */
  private static String jobs(String dashboard) throws IOException {
    for (JsonNode variable :
        Chart.read("dashboards/" + dashboard + ".json").at("/templating/list")) {
      if (variable.get("name").asText().equals("job")) {
        String query = variable.at("/query/query").asText();
        assertThat(query).startsWith("label_values(").endsWith(", job)");
        return query
            .substring("label_values(".length(), query.length() - ", job)".length())
            .replace("$namespace", "cameras");
      }
    }
    throw new AssertionError("no job");
  }

  @Test
  void everyPanelAndRecordedRule_hasData() throws Exception {
    assumeTrue(Programs.installed("prometheus"), "no prometheus: apt-get install prometheus");
    byte[] photo =
        Files.readAllBytes(Path.of("../service/src/test/resources/cells/BloodImage_00000.jpg"));
    Map<String, String> empty = new TreeMap<>();
    try (ConfigurableApplicationContext service =
        new SpringApplication(PopsightApplication.class)
            .run(
                "--server.port=0",
                "--spring.grpc.server.port=0",
                "--popsight.models=../../models",
                "--popsight.default-model=popsight-cells")) {
      String popsight =
          "localhost:" + service.getEnvironment().getRequiredProperty("local.server.port");
      probesAnswer(popsight);
      int port;
      Process prometheus;
      do {
        port = Programs.freePorts(1).getFirst();
        prometheus = start(port, popsight);
      } while (!listens(prometheus));
      try {
        long end = System.nanoTime() + TRAFFIC.toNanos();
        while (System.nanoTime() < end) {
          assertThat(post(popsight, photo)).isEqualTo(200);
          assertThat(post(popsight, new byte[] {1})).isEqualTo(400);
          assertThat(prometheus.isAlive()).as(log()).isTrue();
          Thread.sleep(200);
        }
        for (String query : queries()) {
          JsonNode answer = query(port, query);
          if (answer.at("/data/result").isEmpty()) {
            empty.put(query, answer.toString());
          }
        }
        assertThat(empty).isEmpty();
        assertThat(get(port, "/api/v1/rules").findValuesAsText("health"))
            .isNotEmpty()
            .containsOnly("ok");
      } finally {
        prometheus.destroy();
        assertThat(prometheus.waitFor(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** The paths that the chart asks are there. */
  private void probesAnswer(String popsight) throws Exception {
    JsonNode container = Chart.manifest("Deployment").at("/spec/template/spec/containers/0");
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      String path = container.at("/" + probe + "/httpGet/path").asText();
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(URI.create("http://" + popsight + path)).build(),
                      BodyHandlers.ofString())
                  .statusCode())
          .as(path)
          .isEqualTo(200);
    }
  }

  private Process start(int port, String popsight) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [%s/rules/popsight.yaml]
            scrape_configs:
              - {job_name: popsight, static_configs: [{targets: ["%s"]}]}
            """
                .formatted(Chart.FOLDER, popsight));
    return new ProcessBuilder(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  /** Waits for it; false if somebody else has its port meanwhile. */
  private boolean listens(Process prometheus) throws IOException, InterruptedException {
    while (!log().contains("Server is ready to receive web requests")) {
      if (!prometheus.isAlive()) {
        assertThat(log()).contains("address already in use");
        return false;
      }
      Thread.sleep(100);
    }
    return true;
  }

  /** Of every panel, and of every recorded rule; what an alert asks is empty while all is well. */
  private static List<String> queries() throws IOException {
    try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("dashboards"))) {
      Stream<String> panels =
          files
              .sorted()
              .flatMap(
                  file -> {
                    try {
                      return Chart.read("dashboards/" + file.getFileName())
                          .findValuesAsText("expr")
                          .stream();
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      Stream<String> recorded =
          Chart.read("rules/popsight.yaml").findValuesAsText("record").stream();
      List<String> all = Stream.concat(panels, recorded).toList();
      assertThat(all).hasSizeGreaterThan(40);
      return all.stream()
          .map(query -> query.replaceAll("\\$(job|namespace)", ".*"))
          .map(query -> query.replace("$__rate_interval", "30s"))
          .toList();
    }
  }

  private JsonNode query(int port, String query) throws Exception {
    return get(port, "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
  }

  private JsonNode get(int port, String path) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).as(path + response.body()).isEqualTo(200);
    return new JsonMapper().readTree(response.body());
  }

  private int post(String popsight, byte[] photo) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://" + popsight + "/v1/detect"))
                .header("Content-Type", "image/jpeg")
                .POST(BodyPublishers.ofByteArray(photo))
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private static int run(Path folder, String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start().waitFor();
  }
}
