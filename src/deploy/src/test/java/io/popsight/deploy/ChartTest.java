package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.popsight.inference.v2.GRPCInferenceServiceGrpc;
import io.popsight.v1.DetectionGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {

  private static final String SHA = "0".repeat(64);

  private static final String DOWNLOAD =
      "models.source=download models.download[0].url=https://a/b.onnx"
          + " models.download[0].file=b.onnx models.download[0].sha256=";

  @Test
  void lint_findsNothing() {
    LintResult result = new Helm(Chart.FOLDER).lint().strict().call();

    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas=1",
        "replicas=5 backend=onnx threads=3 logs.json=false",
        "autoscaling.enabled=true",
        "autoscaling.enabled=true autoscaling.metric=queueWait",
        "autoscaling.enabled=true autoscaling.metric=queueWait resources.requests.cpu=2000m",
        "autoscaling.enabled=true resources.requests.cpu=0.5 resources.limits.cpu=800m",
        "models.source=configMap models.configMap=mine",
        "models.source=claim models.claim=mine apiKeys.existingSecret=keys",
        DOWNLOAD + "0000000000000000000000000000000000000000000000000000000000000000",
        "ingress.enabled=true ingress.host=a.example ingress.className=nginx ingress.tlsSecret=tls",
        "gateway.enabled=true gateway.parentRefs[0].name=edge gateway.hostnames[0]=a.example",
        "metrics.serviceMonitor=true metrics.prometheusRule=true metrics.dashboards=true"
            + " metrics.labels.release=kps apiKeys.existingSecret=keys metrics.keySecret.name=scrape",
        // As values of a release before the key.
        "metrics.serviceMonitor=true metrics.keySecret=null",
        "tracing.endpoint=http://collector:4318/v1/traces"
            + " networkPolicy.from[0].podSelector.matchLabels.app=x",
        "kserve.enabled=true",
        "kserve.enabled=true autoscaling.enabled=true",
        "kserve.enabled=true models.source=claim models.claim=mine apiKeys.existingSecret=keys",
        "podDisruptionBudget.enabled=false topologySpread.enabled=false"
            + " networkPolicy.enabled=false",
        "service.type=LoadBalancer"
            + " image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "podAnnotations.a=b nodeSelector.disk=ssd imagePullSecrets[0].name=r tolerations[0].key=k"
            + " affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution=null"
      })
  void manifests_haveOnlyFieldsOfTheApi(String values) throws Exception {
    List<JsonNode> manifests = Chart.manifests(values.split(" "));

    assertThat(manifests).isNotEmpty();
    for (JsonNode manifest : manifests) {
      assertThat(Chart.parse(manifest)).isNotNull();
    }
  }

  @Test
  void unknownField_isSeen() {
    JsonNode deployment = Chart.manifest("Deployment");
    ((ObjectNode) deployment.at("/spec/template/spec")).put("terminationGracePeriod", 3);

    assertThatThrownBy(() -> Chart.parse(deployment))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("terminationGracePeriod");
  }

  /** With Knative it would refuse the pod that the chart makes. */
  @Test
  void kserve_isToldToDoWithoutKnative() {
    assertThat(
            Chart.manifest("InferenceService", "kserve.enabled=true")
                .at("/metadata/annotations/serving.kserve.io~1deploymentMode")
                .asText())
        .isEqualTo("RawDeployment");
  }

  @Test
  void kservesRuntime_hasNoFieldsOfAPod() {
    JsonNode runtime = Chart.manifest("ServingRuntime", "kserve.enabled=true");
    ((ObjectNode) runtime.get("spec")).put("terminationGracePeriodSeconds", 3);

    assertThatThrownBy(() -> Chart.parse(runtime))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("terminationGracePeriodSeconds");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas=2",
        DOWNLOAD + "1111111111111111111111111111111111111111111111111111111111111111"
      })
  void pods_keepToTheRestrictedStandard(String values) {
    JsonNode pod = Chart.manifest("Deployment", values.split(" ")).at("/spec/template/spec");

    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(pod.get("automountServiceAccountToken").asBoolean()).isFalse();
    for (String kind : List.of("containers", "initContainers")) {
      for (JsonNode container : pod.path(kind)) {
        JsonNode security = container.get("securityContext");
        assertThat(security.get("allowPrivilegeEscalation").asBoolean()).isFalse();
        assertThat(security.get("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        assertThat(container.get("image").asText()).contains(":").doesNotEndWith(":latest");
        for (String limit : List.of("cpu", "memory")) {
          assertThat(container.at("/resources/limits/" + limit).asText()).isNotEmpty();
          assertThat(container.at("/resources/requests/" + limit).asText()).isNotEmpty();
        }
      }
    }
    JsonNode main = pod.at("/containers/0");
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      assertThat(main.at("/" + probe + "/httpGet/port").asText()).isEqualTo("http");
    }
    assertThat(main.at("/livenessProbe/httpGet/path").asText())
        .as("a full queue must restart nobody")
        .isNotEqualTo(main.at("/readinessProbe/httpGet/path").asText());
  }

  @Test
  void ports_areThoseThatTheServiceIsToldToOpen() {
    JsonNode container = Chart.manifest("Deployment").at("/spec/template/spec/containers/0");
    List<String> args = new ArrayList<>();
    container.get("args").forEach(argument -> args.add(argument.asText()));

    assertThat(args)
        .containsSubsequence("--port", container.at("/ports/0/containerPort").asText())
        .containsSubsequence("--grpc-port", container.at("/ports/1/containerPort").asText());
    JsonNode service = Chart.manifest("Service").at("/spec/ports");
    assertThat(service.findValuesAsText("targetPort")).containsExactly("http", "grpc");
    assertThat(container.get("ports").findValuesAsText("name")).containsExactly("http", "grpc");
  }

  @Test
  void rollingUpdate_letsWhatWasAcceptedEnd() {
    JsonNode deployment =
        Chart.manifest("Deployment", "deadlineSeconds=40", "drainSeconds=7").get("spec");
    JsonNode pod = deployment.at("/template/spec");

    assertThat(deployment.at("/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
    assertThat(pod.at("/containers/0/lifecycle/preStop/sleep/seconds").asInt()).isEqualTo(7);
    assertThat(pod.get("terminationGracePeriodSeconds").asInt()).isGreaterThanOrEqualTo(50);
    assertThat(pod.at("/containers/0/env").toString())
        .as("the service keeps the deadline that the pod is given time for")
        .contains("{\"name\":\"POPSIGHT_DEADLINE\",\"value\":\"40s\"}")
        .as("and ends the connections that are kept")
        .contains("{\"name\":\"POPSIGHT_DRAIN\",\"value\":\"3s\"}");
  }

  /** Before 1.33 Kubernetes refuses a sleep of no time. */
  @Test
  void noDrain_isNoSleep() {
    JsonNode pod = Chart.manifest("Deployment", "drainSeconds=0").at("/spec/template/spec");

    assertThat(pod.at("/containers/0").has("lifecycle")).isFalse();
    assertThat(pod.get("terminationGracePeriodSeconds").asInt()).isGreaterThanOrEqualTo(10);
  }

  /** Of an HTTPRoute and a GRPCRoute for the same host a Gateway refuses one. */
  @Test
  void gateway_leadsEveryServiceOfGrpcToItsPortByOneRoute() {
    String[] values = {"gateway.enabled=true", "gateway.parentRefs[0].name=edge"};
    JsonNode rules = Chart.manifest("HTTPRoute", values).at("/spec/rules");
    List<String> prefixes = new ArrayList<>();
    rules
        .get(0)
        .findValues("path")
        .forEach(path -> prefixes.add(path.get("type").asText() + path.get("value").asText()));

    assertThat(Chart.manifests(values))
        .filteredOn(manifest -> manifest.get("kind").asText().endsWith("Route"))
        .hasSize(1);
    assertThat(prefixes)
        .containsExactlyInAnyOrder(
            "PathPrefix/" + DetectionGrpc.SERVICE_NAME,
            "PathPrefix/" + GRPCInferenceServiceGrpc.SERVICE_NAME,
            "PathPrefix/" + HealthGrpc.SERVICE_NAME,
            "PathPrefix/" + ServerReflectionGrpc.SERVICE_NAME);
    assertThat(rules.at("/0/backendRefs/0/port").asInt()).isEqualTo(9090);
    assertThat(rules.get(1).has("matches")).isFalse();
    assertThat(rules.at("/1/backendRefs/0/port").asInt()).isEqualTo(8080);
    assertThat(Chart.manifest("Service").at("/spec/ports/1/appProtocol").asText())
        .as("HTTP/2 without TLS")
        .isEqualTo("kubernetes.io/h2c");
  }

  @Test
  void scrape_showsAKeyWhereThereAreKeys() {
    String monitor = "metrics.serviceMonitor=true";
    JsonNode endpoint = Chart.manifest("ServiceMonitor", monitor).at("/spec/endpoints/0");
    JsonNode keyed =
        Chart.manifest(
                "ServiceMonitor",
                monitor,
                "apiKeys.existingSecret=keys",
                "metrics.keySecret.name=scrape",
                "metrics.keySecret.key=token")
            .at("/spec/endpoints/0");

    assertThat(endpoint.has("authorization")).isFalse();
    assertThat(keyed.at("/authorization/type").asText()).isEqualTo("Bearer");
    assertThat(keyed.at("/authorization/credentials/name").asText()).isEqualTo("scrape");
    assertThat(keyed.at("/authorization/credentials/key").asText()).isEqualTo("token");
  }

  @Test
  void whatGoesOut_goesToThePortsOfTheUrls() {
    assertThat(ports(Chart.manifest("NetworkPolicy"))).containsExactly(53, 53);
    assertThat(
            ports(
                Chart.manifest(
                    "NetworkPolicy",
                    (DOWNLOAD
                            + SHA
                            + " models.download[1].url=http://minio.storage:9000/c.onnx"
                            + " models.download[1].file=c.onnx"
                            + " models.download[1].sha256="
                            + SHA
                            + " tracing.endpoint=http://collector/v1/traces"
                            + " networkPolicy.egress[0].ports[0].port=4318")
                        .split(" "))))
        .containsExactly(53, 53, 80, 443, 9000, 80, 4318);
    for (String port : List.of("4317", "14318")) {
      for (String host :
          List.of("http://collector:", "https://user:4@collector:", "http://[::1]:")) {
        assertThat(
                ports(Chart.manifest("NetworkPolicy", "tracing.endpoint=" + host + port + "/v1:9")))
            .containsExactly(53, 53, Integer.valueOf(port));
      }
    }
    assertThat(ports(Chart.manifest("NetworkPolicy", "tracing.endpoint=https://[::1]")))
        .containsExactly(53, 53, 443);
  }

  private static List<Integer> ports(JsonNode policy) {
    List<Integer> ports = new ArrayList<>();
    policy.at("/spec/egress").findValues("port").forEach(port -> ports.add(port.asInt()));
    return ports;
  }

  @Test
  void upgrade_keepsNamesAndSelectors() {
    for (String kind : List.of("Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy")) {
      JsonNode before = Chart.manifest(kind, "image.tag=v1");
      JsonNode after = Chart.manifest(kind, "image.tag=v2", "replicas=7", "backend=onnx");

      assertThat(after.at("/metadata/name")).isEqualTo(before.at("/metadata/name"));
      assertThat(after.at("/spec/selector")).isEqualTo(before.at("/spec/selector"));
    }
    assertThat(Chart.manifest("Deployment").at("/spec/selector").toString())
        .as("selectors cannot be changed, so nothing of a version is in them")
        .doesNotContain("version", "chart");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicas=many | replicas",
        "backend=gpu | backend",
        "image.tag=latest | tag",
        "queue=0 | queue",
        "resources.limits.memory=lots | memory",
        "replica=3 | replica",
        "tracing.sampling=2 | sampling",
        "models.source=claim | models.claim: models.source is claim, so name one",
        "models.source=download | models.download: models.source is download, so list at least one"
            + " file",
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
        "autoscaling.enabled=true resources.requests.cpu=1500m resources.limits.cpu=2.1 |"
            + " limits.cpu is 140 % of it",
        "metrics.serviceMonitor=true apiKeys.existingSecret=keys | metrics.keySecret.name: with"
            + " apiKeys.existingSecret a scrape needs a key"
      })
  void wrongValue_isRefusedWithAMessageThatNamesIt(String value, String message) {
    assertThatThrownBy(() -> Chart.manifests(value.split(" "))).hasMessageContaining(message);
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

  @Test
  void checksum_isWrittenInFull() {
    String args =
        Chart.manifest("Deployment", (DOWNLOAD + SHA).split(" "))
            .at("/spec/template/spec/initContainers/0/args")
            .toString();

    assertThat(args).contains(SHA, "/models/b.onnx");
  }
}
