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
import java.util.function.IntUnaryOperator;
import org.springframework.stereotype.Component;

/**
 * Messages count as they come, and as they are unpacked: a call that finds no memory for its own is
 * refused in the midst of it.
 */
@Component
final class MessageMemory extends ServerStreamTracer.Factory {

  /** The message, and the photo or tensor in it. */
  private static final int COPIES = 2;

  /** What a client may have written that says nothing, and that a message's size leaves out. */
  private static final int EMPTY_FIELDS = 64;

  /** That may have all of their photos there, and the memory as well. */
  private static final int STREAMS = 4;

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
    return bytes -> share.shrink((long) COPIES * (bytes + EMPTY_FIELDS));
  }

  /** How many messages of a size a stream may ask for at once: others want memory as well. */
  static IntUnaryOperator atOnce(int most) {
    long share = CURRENT.get().share.most() / STREAMS;
    return bytes -> Math.clamp(share / (COPIES * Math.max(1L, bytes)), 1, most);
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

    /** Of the message that comes now: a stream's others are bodies of their own. */
    private long ofMessage;

    Counted(BodyMemory.Share share) {
      this.share = share;
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(CURRENT, this);
    }

    @Override
    public synchronized void inboundWireSize(long bytes) {
      ofMessage += bytes;
      grow(bytes);
    }

    @Override
    public synchronized void inboundMessageRead(int number, long wireBytes, long bytes) {
      ofMessage = 0;
      share.shrink(wireBytes);
    }

    @Override
    public synchronized void inboundUncompressedSize(long bytes) {
      ofMessage += COPIES * bytes;
      grow(COPIES * bytes);
    }

    @Override
    public void streamClosed(Status status) {
      share.close();
    }

    private void grow(long bytes) {
      try {
        share.grow(bytes, ofMessage);
      } catch (RefusedException e) {
        refusal = Optional.of(e.refusal());
        throw StatusProto.toStatusRuntimeException(errors.status(e));
      }
    }
  }
}
