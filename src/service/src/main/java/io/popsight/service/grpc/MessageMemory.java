package io.popsight.service.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.metrics.Outcome;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.springframework.stereotype.Component;

/**
 * Messages count as they come, and as they are unpacked: a call that finds no memory for its own is
 * refused in the midst of it.
 */
@Component
final class MessageMemory extends ServerStreamTracer.Factory {

  /** The message, and the photo or tensor in it. */
  private static final int COPIES = 2;

  private static final Context.Key<Counted> CURRENT = Context.key("message-memory");

  private final BodyMemory memory;
  private final GrpcErrors errors;

  MessageMemory(BodyMemory memory, GrpcErrors errors) {
    this.memory = memory;
    this.errors = errors;
  }

  /** What gives back the memory of a message of the current call, by its size, when it is done. */
  static IntConsumer ofCall() {
    BodyMemory.Share share = CURRENT.get().share;
    return bytes -> share.shrink((long) COPIES * bytes);
  }

  /**
   * How the current call ends if it was refused here: what the caller and the metrics are told
   * otherwise is that it was cut off.
   */
  static Optional<Outcome> refusal() {
    return CURRENT.get().refusal.map(Refusal::outcome);
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Counted(memory.open());
  }

  private final class Counted extends ServerStreamTracer {

    private final BodyMemory.Share share;
    private volatile Optional<Refusal> refusal = Optional.empty();

    Counted(BodyMemory.Share share) {
      this.share = share;
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(CURRENT, this);
    }

    @Override
    public void inboundWireSize(long bytes) {
      grow(bytes);
    }

    @Override
    public void inboundMessageRead(int number, long wireBytes, long bytes) {
      share.shrink(wireBytes);
    }

    @Override
    public void inboundUncompressedSize(long bytes) {
      grow(COPIES * bytes);
    }

    @Override
    public void streamClosed(Status status) {
      share.close();
    }

    private void grow(long bytes) {
      try {
        share.grow(bytes);
      } catch (RefusedException e) {
        refusal = Optional.of(e.refusal());
        throw StatusProto.toStatusRuntimeException(errors.status(e));
      }
    }
  }
}
