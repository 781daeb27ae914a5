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
import java.util.ArrayList;
import java.util.List;
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
        "autoscaling.enabled=true autoscaling.metric=queueWait resources.requests.cpu=2000m"
            + " autoscaling.targetCpuPercent=65",
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
        "metrics.serviceMonitor=true metrics.interval=30s",
        "metrics.serviceMonitor=true metrics.interval=null",
        "tracing.endpoint=http://collector:4318/v1/traces"
            + " networkPolicy.from[0].podSelector.matchLabels.app=x",
        "kserve.enabled=true",
        "kserve.enabled=true autoscaling.enabled=true",
        "kserve.enabled=true models.source=claim models.claim=mine apiKeys.existingSecret=keys"
            + " podAnnotations.a=b env[0].name=A volumes[0].name=v volumeMounts[0].name=v"
            + " volumeMounts[0].mountPath=/v",
        "resources.limits.cpu=4 resources.requests.cpu=1.5 resources.requests.memory=1.5Gi"
            + " resources.limits.memory=2G resources.limits.ephemeral-storage=1Gi",
        "autoscaling.enabled=true resources.limits.cpu=4 resources.requests.cpu=2",
        "podDisruptionBudget.maxUnavailable=25% ingress.enabled=true ingress.host=*.a.example",
        "podDisruptionBudget.enabled=false topologySpread.enabled=false"
            + " networkPolicy.enabled=false",
        "service.type=LoadBalancer image.tag=latest tracing.endpoint=null"
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

  @Test
  void collectorThatHangs_hasItsTimeBeforeThePodIsKilled() {
    String seconds = "/spec/template/spec/terminationGracePeriodSeconds";
    int without = Chart.manifest("Deployment").at(seconds).asInt();
    int with =
        Chart.manifest("Deployment", "tracing.endpoint=http://collector").at(seconds).asInt();

    assertThat(with - without).isEqualTo(10);
  }

  @Test
  void moreOfThePod_isAddedToWhatTheChartHas() {
    String[] values = {
      "env[0].name=POPSIGHT_URLFETCH_ENABLED",
      "env[0].value=yes",
      "volumes[0].name=config",
      "volumes[0].configMap.name=popsight",
      "volumeMounts[0].name=config",
      "volumeMounts[0].mountPath=/app/config"
    };
    JsonNode pod = Chart.manifest("Deployment", values).at("/spec/template/spec");

    assertThat(pod.at("/containers/0/env").findValuesAsText("name"))
        .contains("POPSIGHT_DEADLINE")
        .endsWith("POPSIGHT_URLFETCH_ENABLED");
    assertThat(pod.at("/volumes").findValuesAsText("name")).contains("tmp", "config");
    assertThat(pod.at("/containers/0/volumeMounts").findValuesAsText("mountPath"))
        .contains("/tmp", "/app/config");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicas=2 | 0",
        "ingress.enabled=true ingress.host=a.example | 1",
        "gateway.enabled=true gateway.parentRefs[0].name=edge | 1",
        "ingress.enabled=true ingress.host=a.example env[0].name=SERVER_FORWARD_HEADERS_STRATEGY | 1"
      })
  void behindAProxy_callersAreThoseThatItNames(String values, int times) {
    assertThat(
            Chart.manifest("Deployment", values.split(" "))
                .at("/spec/template/spec/containers/0/env")
                .findValuesAsText("name"))
        .filteredOn("SERVER_FORWARD_HEADERS_STRATEGY"::equals)
        .hasSize(times);
  }

  @Test
  void kservesPods_haveTheAnnotations() {
    assertThat(
            Chart.manifest("InferenceService", "kserve.enabled=true", "podAnnotations.a=b")
                .at("/spec/predictor/annotations/a")
                .asText())
        .isEqualTo("b");
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

  @Test
  void checksum_isWrittenInFull() {
    String args =
        Chart.manifest("Deployment", (DOWNLOAD + SHA).split(" "))
            .at("/spec/template/spec/initContainers/0/args")
            .toString();

    assertThat(args).contains(SHA, "/models/b.onnx");
  }
}
