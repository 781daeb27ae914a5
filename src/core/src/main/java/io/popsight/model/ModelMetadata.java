package io.popsight.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a model file says of itself, kept in its ONNX metadata.
 *
 * @param format version of this record, {@link #FORMAT}
 * @param name model name: letters, digits, dot, dash and underscore
 * @param version model version, same letters
 * @param labels class names, the index being the class id
 * @param inputHeight rows of the network's input
 * @param inputWidth columns of the network's input
 * @param headType how heads are read, {@link #ANCHOR_FREE} or {@link #WHOLE_PHOTO}
 * @param heads finest stride first; a single one where whole photos are classified
 * @param spikeLayers in the order of the graph
 * @param minScore default score threshold, 0 to 1
 * @param iou default suppression threshold, 0 to 1
 * @param training provenance
 */
public record ModelMetadata(
    int format,
    String name,
    String version,
    List<String> labels,
    int inputHeight,
    int inputWidth,
    String headType,
    List<HeadMap> heads,
    List<SpikeLayer> spikeLayers,
    float minScore,
    float iou,
    Training training) {

  /** The format that this code reads and writes. */
  public static final int FORMAT = 1;

  /**
   * Four log-distances in strides from the cell's centre (left, top, right, bottom), then logits.
   */
  public static final String ANCHOR_FREE = "anchor-free-exp-ltrb";

  /** One head with a logit a class; its mean over the cells says what the whole photo shows. */
  public static final String WHOLE_PHOTO = "whole-photo-mean";

  /** Most labels. */
  public static final int MAX_LABELS = 1000;

  /** Longest side of an input. */
  public static final int MAX_SIDE = 4096;

  /**
   * Checks everything that a file could get wrong.
   *
   * @throws ModelRefusedException naming the field and the value
   */
  public ModelMetadata {
    require(
        format == FORMAT, "format %d; this version of Popsight reads format %d", format, FORMAT);
    require(isName(name), "name '%s' must be letters, digits, '.', '-', '_'", name);
    require(isName(version), "version '%s' must be letters, digits, '.', '-', '_'", version);
    require(
        !labels.isEmpty() && labels.size() <= MAX_LABELS,
        "%d labels; 1 to %d",
        labels.size(),
        MAX_LABELS);
    for (String label : labels) {
      require(!label.isBlank() && label.length() <= 100, "label '%s'; 1 to 100 characters", label);
    }
    require(Set.copyOf(labels).size() == labels.size(), "a label twice in %s", labels);
    require(side(inputHeight) && side(inputWidth), "input %dx%d", inputHeight, inputWidth);
    boolean whole = headType.equals(WHOLE_PHOTO);
    require(
        whole || headType.equals(ANCHOR_FREE),
        "headType '%s'; known: %s, %s",
        headType,
        ANCHOR_FREE,
        WHOLE_PHOTO);
    requireHeads(heads, whole, labels.size());
    requireSpikeLayers(spikeLayers);
    require(minScore >= 0 && minScore <= 1, "minScore %s", minScore);
    require(iou >= 0 && iou <= 1, "iou %s", iou);
    labels = List.copyOf(labels);
    heads = List.copyOf(heads);
    spikeLayers = List.copyOf(spikeLayers);
  }

  private static void requireHeads(List<HeadMap> heads, boolean whole, int labels) {
    int most = whole ? 1 : 8;
    require(!heads.isEmpty() && heads.size() <= most, "%d heads; 1 to %d", heads.size(), most);
    int channels = (whole ? 0 : 4) + labels;
    Set<Integer> strides = new HashSet<>();
    for (HeadMap head : heads) {
      require(
          head.stride() >= 1
              && head.stride() <= MAX_SIDE
              && strides.add(head.stride())
              && side(head.rows())
              && side(head.columns()),
          "head of stride %d with %dx%d cells",
          head.stride(),
          head.rows(),
          head.columns());
      require(
          head.scale().length == channels && head.bias().length == channels,
          "head %d has %d scales and %d biases; %d labels need %d",
          head.stride(),
          head.scale().length,
          head.bias().length,
          labels,
          channels);
      for (int c = 0; c < head.channels(); c++) {
        require(
            Float.isFinite(head.scale()[c]) && Float.isFinite(head.bias()[c]),
            "head %d, channel %d is not finite",
            head.stride(),
            c);
      }
    }
  }

  private static void requireSpikeLayers(List<SpikeLayer> spikeLayers) {
    require(spikeLayers.size() <= 512, "%d spike layers; at most 512", spikeLayers.size());
    Set<String> names = new HashSet<>();
    for (SpikeLayer layer : spikeLayers) {
      require(
          isName(layer.name()) && names.add(layer.name()), "spike layer name '%s'", layer.name());
      require(
          side(layer.channels()) && side(layer.rows()) && side(layer.columns()),
          "spike layer %s of shape %dx%dx%d",
          layer.name(),
          layer.channels(),
          layer.rows(),
          layer.columns());
      require(
          layer.trainingRate() >= 0 && layer.trainingRate() <= 1,
          "spike layer %s with rate %s",
          layer.name(),
          layer.trainingRate());
    }
  }

  /** Whether it says what a whole photo shows, and not where. */
  public boolean classifies() {
    return headType.equals(WHOLE_PHOTO);
  }

  /** Multiply-accumulates a photo, of the spike layers together. */
  public long macs() {
    return spikeLayers.stream().mapToLong(SpikeLayer::macs).sum();
  }

  /** Class name of a detection. */
  public String label(int classId) {
    return labels.get(classId);
  }

  private static boolean side(int length) {
    return length >= 1 && length <= MAX_SIDE;
  }

  /** Whether a model, a version or a layer may be called so. */
  public static boolean isName(String name) {
    return name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  }

  private static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new ModelRefusedException("metadata: " + message.formatted(values));
    }
  }
}
