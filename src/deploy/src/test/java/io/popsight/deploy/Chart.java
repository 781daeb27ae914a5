package io.popsight.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The chart as Helm makes it. */
final class Chart {

  static final Path FOLDER = Path.of("../../helm/popsight").toAbsolutePath().normalize();

  private static final YAMLMapper YAML = new YAMLMapper(new YAMLFactory());

  private static final Map<String, Class<?>> TYPES =
      Map.ofEntries(
          Map.entry("ConfigMap", ConfigMap.class),
          Map.entry("Deployment", Deployment.class),
          Map.entry("HTTPRoute", HTTPRoute.class),
          Map.entry("HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          Map.entry("InferenceService", KServe.InferenceService.class),
          Map.entry("Ingress", Ingress.class),
          Map.entry("NetworkPolicy", NetworkPolicy.class),
          Map.entry("PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("PrometheusRule", PrometheusRule.class),
          Map.entry("Service", Service.class),
          Map.entry("ServiceMonitor", ServiceMonitor.class),
          Map.entry("ServingRuntime", KServe.ServingRuntime.class));

  /** The types of the API take unknown fields into a map; here an unknown field is a mistake. */
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return Boolean.FALSE;
                }
              })
          .build();

  private Chart() {}

  /** The manifests for values such as {@code replicas=3}, of a release that is not there yet. */
  static List<JsonNode> manifests(String... values) {
    return manifests(Cluster.EMPTY, values);
  }

  /** Of one that has so many replicas. */
  static List<JsonNode> manifests(int replicas, String... values) {
    TemplateCommand template =
        new Helm(FOLDER)
            .template()
            .withName("traffic")
            .withNamespace("default")
            .withKubeVersion("1.33.0");
    for (String value : values) {
      String[] pair = value.split("=", 2);
      template = template.set(pair[0], pair[1]);
    }
    try (Cluster _ = new Cluster(replicas);
        MappingIterator<JsonNode> documents =
            YAML.readerFor(JsonNode.class).readValues(template.call())) {
      List<JsonNode> manifests = new ArrayList<>();
      documents.forEachRemaining(
          document -> {
            if (document.isObject()) {
              manifests.add(document);
            }
          });
      return manifests;
    } catch (IOException e) {
      throw new IllegalStateException("Helm made no YAML", e);
    }
  }

  /** Of one kind. */
  static JsonNode manifest(String kind, String... values) {
    return manifest(Cluster.EMPTY, kind, values);
  }

  /** Of one kind, of a release that has so many replicas. */
  static JsonNode manifest(int replicas, String kind, String... values) {
    return manifests(replicas, values).stream()
        .filter(m -> m.get("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind));
  }

  /** Reads a manifest into the type of its kind; an unknown field is an error. */
  static Object parse(JsonNode manifest) throws IOException {
    String kind = manifest.get("kind").asText();
    Class<?> type = TYPES.get(kind);
    if (type == null) {
      throw new AssertionError("no type for " + kind);
    }
    return STRICT.treeToValue(manifest, type);
  }

  /** A file of the chart that is YAML or JSON. */
  static JsonNode read(String file) throws IOException {
    return YAML.readTree(FOLDER.resolve(file).toFile());
  }
}
