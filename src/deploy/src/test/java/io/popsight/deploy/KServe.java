package io.popsight.deploy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;

/**
 * KServe's types, as far as the chart uses them: fields of {@code
 * config/crd/full/serving.kserve.io_servingruntimes.yaml} and {@code ..._inferenceservices.yaml} of
 * github.com/kserve/kserve at aaac4e2. Kubernetes' Java clients have none of them.
 */
final class KServe {

  private KServe() {}

  /** v1alpha1. */
  record ServingRuntime(String apiVersion, String kind, ObjectMeta metadata, RuntimeSpec spec) {}

  /** Of a pod a runtime has hardly more than the containers. */
  record RuntimeSpec(
      List<SupportedModelFormat> supportedModelFormats,
      List<String> protocolVersions,
      List<Container> containers) {}

  record SupportedModelFormat(String name, String version, boolean autoSelect) {}

  /** v1beta1. */
  record InferenceService(String apiVersion, String kind, ObjectMeta metadata, ServiceSpec spec) {}

  record ServiceSpec(Predictor predictor) {}

  /** A pod and what KServe does with it. */
  static final class Predictor extends PodSpec {
    private static final long serialVersionUID = 1;

    public HashMap<String, String> annotations = new HashMap<>();
    public int minReplicas;
    public int maxReplicas;
    public int scaleTarget;
    public Model model = new Model(new ModelFormat(""), "");
  }

  record Model(ModelFormat modelFormat, String runtime) implements Serializable {}

  record ModelFormat(String name) implements Serializable {}
}
