package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that the chart refuses, and how all of them are described. */
class ChartValuesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicas=many | replicas",
        "backend=gpu | backend",
        "image.tag=latest | image.tag: latest is another image tomorrow",
        "image.repository=null | image.repository: say where the image lies",
        "env[0].name=A env[0].value=1 | env",
        "service.grpcPort=8080 | service.grpcPort: HTTP has this port already",
        "resources.requests.cpu=0m autoscaling.enabled=true | resources.requests.cpu: an autoscaler",
        "resources.limits.cpu=0 | cpu",
        "queue=0 | queue",
        "resources.limits.memory=lots | memory",
        "replica=3 | replica",
        "tracing.sampling=2 | sampling",
        "models.source=claim | models.claim: models.source is claim, so name one",
        "models.source=download | models.download: models.source is download, so list at least one"
            + " file",
        "models.claim=mine | models.claim is not used: models.source is image",
        "models.source=claim models.claim=mine models.configMap=m | models.configMap is not used:"
            + " models.source is claim",
        "models.source=download models.download[0].url=https://a/b models.download[0].file=b.onnx"
            + " models.download[0].sha256=0000000000000000000000000000000000000000000000000000000000000000"
            + " models.download[1].url=https://a/c models.download[1].file=b.onnx"
            + " models.download[1].sha256=0000000000000000000000000000000000000000000000000000000000000000"
            + " | models.download: two files have the same name",
        "kserve.enabled=true replicas=0 | replicas: KServe keeps one pod at least",
        "kserve.enabled=true autoscaling.enabled=true autoscaling.minReplicas=30 |"
            + " autoscaling.minReplicas is larger than",
        "ingress.enabled=true | ingress.host: an Ingress needs a host",
        "gateway.enabled=true | gateway.parentRefs: a route needs a Gateway",
        "kserve.enabled=true ingress.enabled=true ingress.host=a.example | enable neither ingress nor"
            + " gateway",
        "kserve.enabled=true gateway.enabled=true gateway.parentRefs[0].name=edge | enable neither"
            + " ingress nor gateway",
        "kserve.enabled=true autoscaling.enabled=true autoscaling.metric=queueWait |"
            + " autoscaling.metric: the autoscaler that KServe makes knows cpu alone",
        "kserve.enabled=true autoscaling.enabled=true resources.requests.cpu=2000m | 100 % of"
            + " requests.cpu is never exceeded",
        "autoscaling.enabled=true autoscaling.minReplicas=30 | autoscaling.minReplicas is larger than",
        "autoscaling.enabled=true resources.requests.cpu=2000m | autoscaling.targetCpuPercent: 130 % of"
            + " requests.cpu is never exceeded by a tenth, since limits.cpu is 100 % of it",
        "autoscaling.enabled=true autoscaling.metric=queueWait resources.requests.cpu=2000m |"
            + " autoscaling.targetCpuPercent: 130 % of requests.cpu is never exceeded",
        "autoscaling.enabled=true resources.requests.cpu=1500m resources.limits.cpu=2.1 |"
            + " limits.cpu is 140 % of it",
        "metrics.serviceMonitor=true metrics.interval=45s | metrics.interval: every 45s is too seldom",
        "metrics.serviceMonitor=true metrics.interval=1m | metrics.interval: every 1m is too seldom",
        "metrics.interval=0s | interval",
        "metrics.serviceMonitor=true apiKeys.existingSecret=keys | metrics.keySecret.name: with"
            + " apiKeys.existingSecret a scrape needs a key"
      })
  void wrongValue_isRefusedWithAMessageThatNamesIt(String value, String message) {
    assertThatThrownBy(() -> Chart.manifests(value.split(" "))).hasMessageContaining(message);
  }

  /** Without quotes it is a number to an API server. */
  @Test
  void nameOfDigits_staysText() {
    JsonNode ingress =
        Chart.manifest(
            "Ingress",
            "ingress.enabled=true",
            "ingress.host=a.example",
            "ingress.className=01",
            "ingress.tlsSecret=02");
    JsonNode claim =
        Chart.manifest(
            "Deployment", "apiKeys.existingSecret=03", "models.source=claim", "models.claim=04");
    JsonNode map =
        Chart.manifest("Deployment", "models.source=configMap", "models.configMap=05")
            .findValue("configMap");

    assertThat(
            Stream.of(
                ingress.findValue("ingressClassName"),
                ingress.findValue("secretName"),
                claim.findValue("secretName"),
                claim.findValue("claimName"),
                map.get("name")))
        .allMatch(JsonNode::isTextual)
        .extracting(JsonNode::asText)
        .containsExactly("01", "02", "03", "04", "05");
  }

  @Test
  void schema_knowsEveryValueAndDescribesIt() throws Exception {
    JsonNode schema = Chart.read("values.schema.json");
    Set<String> missing = new TreeSet<>();
    check("", Chart.read("values.yaml"), schema, missing);

    assertThat(missing).isEmpty();
  }

  private static void check(String path, JsonNode values, JsonNode schema, Set<String> missing) {
    for (String name : (Iterable<String>) values::fieldNames) {
      JsonNode of = schema.path("properties").path(name);
      if (of.path("description").asText().isEmpty() && !path.startsWith("resources.")) {
        missing.add(path + name);
      }
      if (of.has("properties")) {
        check(path + name + ".", values.get(name), of, missing);
      }
    }
  }

  /** Written by {@code -Ddeploy.write=true}. */
  @Test
  void readme_listsTheValues() throws Exception {
    Path readme = Chart.FOLDER.resolve("README.md");
    StringBuilder table = new StringBuilder("| value | default | |\n|---|---|---|\n");
    rows("", Chart.read("values.yaml"), Chart.read("values.schema.json"), table);
    String text = Files.readString(readme);
    String marker = "<!-- values -->\n";
    String wanted = text.substring(0, text.indexOf(marker) + marker.length()) + table;
    if (Boolean.getBoolean("deploy.write")) {
      Files.writeString(readme, wanted);
    }

    assertThat(Files.readString(readme)).isEqualTo(wanted);
  }

  private static void rows(String path, JsonNode values, JsonNode schema, StringBuilder table) {
    for (String name : (Iterable<String>) values::fieldNames) {
      JsonNode of = schema.path("properties").path(name);
      JsonNode value = values.get(name);
      if (of.has("properties") && !path.startsWith("resources")) {
        rows(path + name + ".", value, of, table);
      } else {
        table.append(
            "| `%s%s` | `%s` | %s |\n"
                .formatted(path, name, value, of.path("description").asText()));
      }
    }
  }
}
