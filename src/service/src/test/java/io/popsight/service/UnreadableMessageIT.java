package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectionGrpc;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Messages over gRPC that are none, or not packed as they say. */
@ExtendWith(OutputCaptureExtension.class)
class UnreadableMessageIT extends OverGrpc {

  private static final int TIMES = 10;

  @LocalServerPort private int httpPort;

  static Stream<Arguments> messages() throws IOException {
    byte[] request =
        DetectRequest.newBuilder()
            .setModel("popsight-cells")
            .setImage(ByteString.copyFrom(TestPhotos.cells()))
            .build()
            .toByteArray();
    byte[] packed = members(request, 1);
    int half = request.length / 2;
    ByteArrayOutputStream halves = new ByteArrayOutputStream();
    halves.writeBytes(members(Arrays.copyOf(request, half), 1));
    halves.writeBytes(members(Arrays.copyOfRange(request, half, request.length), 1));
    return Stream.of(
        Arguments.of("no message", "identity", new byte[] {-1, -1, -1}, "refused"),
        Arguments.of("not gzip", "gzip", request, "cancelled"),
        Arguments.of("half of gzip", "gzip", Arrays.copyOf(packed, packed.length / 2), "refused"),
        Arguments.of("two members of gzip", "gzip", halves.toByteArray(), "refused"),
        Arguments.of("empty members of gzip", "gzip", members(new byte[0], 100_000), "refused"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("messages")
  void message_isTheCallersMistakeAndFillsNoLog(
      String what, String packing, byte[] message, String outcome, CapturedOutput log)
      throws Exception {
    MeasuredRequests measured = new MeasuredRequests(httpPort);
    String ended = "interface=\"grpc\",model=\"none\",outcome=\"%s\"";
    double before = measured.with(ended.formatted(outcome));
    double errors = measured.with(ended.formatted("error"));
    ManagedChannel raw =
        NettyChannelBuilder.forAddress("localhost", port())
            .usePlaintext()
            .compressorRegistry(packedAlready())
            .build();
    try {
      for (int i = 0; i < TIMES; i++) {
        assertThatThrownBy(() -> send(raw, packing, message))
            .isInstanceOf(StatusRuntimeException.class);
      }
    } finally {
      raw.shutdownNow();
    }

    // A call may be measured after its answer.
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!measured.metrics().contains("popsight_inflight_requests 0.0")) {
      assertThat(System.nanoTime()).as("a call has not ended").isLessThan(patience);
    }
    assertThat(measured.with(ended.formatted(outcome))).isEqualTo(before + TIMES);
    assertThat(measured.with(ended.formatted("error"))).isEqualTo(errors);
    assertThat(log.getAll()).doesNotContain("\tat ");
  }

  private static DetectResponse send(ManagedChannel raw, String packing, byte[] message) {
    return ClientCalls.blockingUnaryCall(
        raw,
        DetectionGrpc.getDetectMethod().toBuilder(
                new AsItIs(), DetectionGrpc.getDetectMethod().getResponseMarshaller())
            .build(),
        CallOptions.DEFAULT.withCompression(packing),
        message);
  }

  private static CompressorRegistry packedAlready() {
    CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
    registry.register(Codec.Identity.NONE);
    registry.register(
        new Compressor() {
          @Override
          public String getMessageEncoding() {
            return "gzip";
          }

          @Override
          public OutputStream compress(OutputStream out) {
            return out;
          }
        });
    return registry;
  }

  private record AsItIs() implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }

  private static byte[] members(byte[] content, int members) throws IOException {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(member)) {
      out.write(content);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < members; i++) {
      member.writeTo(all);
    }
    return all.toByteArray();
  }
}
