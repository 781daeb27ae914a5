package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A model file, read and checked.
 *
 * @param bytes the file as it is, for backends that read ONNX themselves
 * @param metadata what it says of itself
 * @param network the typed graph, or why it could not be read as one
 */
public record ModelFile(byte[] bytes, ModelMetadata metadata, Network network) {

  /** Largest file accepted, in bytes. */
  public static final long MAX_BYTES = 256L << 20;

  /** Of the heap: a file is there twice while it is read, and what is made of it besides. */
  private static final int SHARE = 4;

  /** The graph of a file: inside the subset that the popcount engine runs, or not. */
  public sealed interface Network {

    /** A graph of nothing but known nodes. */
    record Typed(ModelGraph graph) implements Network {}

    /**
     * Valid ONNX, but outside the subset.
     *
     * @param reason names the node
     */
    record Foreign(String reason) implements Network {}
  }

  /**
   * Reads a file.
   *
   * @throws ModelRefusedException if it is not there, cannot be read, is larger than {@link
   *     #MAX_BYTES} or a quarter of the heap, or is no Popsight model; the message names the file
   */
  public static ModelFile read(Path path) {
    try {
      long size = Files.size(path);
      long most = Math.min(MAX_BYTES, Runtime.getRuntime().maxMemory() / SHARE);
      if (size > most) {
        throw new ModelRefusedException(
            "%d bytes; with this much memory a model file has at most %d".formatted(size, most));
      }
      return parse(Files.readAllBytes(path));
    } catch (ModelRefusedException e) {
      throw new ModelRefusedException(path.getFileName() + ": " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new ModelRefusedException("there is no file " + path, e);
    } catch (IOException e) {
      throw new ModelRefusedException("cannot read %s: %s".formatted(path, e), e);
    }
  }

  /**
   * Reads a file's content.
   *
   * @throws ModelRefusedException if it is no Popsight model
   */
  public static ModelFile parse(byte[] bytes) {
    OnnxMl.ModelProto proto;
    try {
      proto = OnnxMl.ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelRefusedException("not an ONNX file: " + e.getMessage(), e);
    }
    if (!proto.hasGraph()) {
      throw new ModelRefusedException("not an ONNX file: there is no graph in it");
    }
    ModelMetadata metadata = metadata(proto);
    return new ModelFile(bytes, metadata, network(proto.getGraph(), metadata));
  }

  /** SHA-256 of the file in hexadecimal digits. */
  public String sha256() {
    return Sha256.digits(bytes);
  }

  private static ModelMetadata metadata(OnnxMl.ModelProto proto) {
    for (OnnxMl.StringStringEntryProto entry : proto.getMetadataPropsList()) {
      if (entry.getKey().equals(MetadataJson.KEY)) {
        return MetadataJson.read(entry.getValue());
      }
    }
    throw new ModelRefusedException(
        "metadata: the file has no '%s' property; Popsight's trainer writes it, src/core/MODEL.md says what it is"
            .formatted(MetadataJson.KEY));
  }

  private static Network network(OnnxMl.GraphProto proto, ModelMetadata metadata) {
    try {
      return new Network.Typed(new OnnxGraphReader(proto, metadata).read());
    } catch (ModelRefusedException e) {
      return new Network.Foreign(String.valueOf(e.getMessage()));
    }
  }
}
