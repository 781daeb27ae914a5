package io.popsight.service.grpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.popsight.service.PopsightProperties;
import io.popsight.service.access.Routes;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.LeastRate;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestMetrics;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.stereotype.Component;

/**
 * Messages count as they come, and as they are unpacked: a call that finds no memory for its own is
 * refused in the midst of it, and so is one whose message comes more slowly than {@link LeastRate}.
 * The only message of a call is whole when the client half-closes: until then nobody works on it,
 * and its memory would be held for as long as the client likes.
 */
@Component
@GlobalServerInterceptor
final class MessageMemory extends ServerStreamTracer.Factory implements ServerInterceptor {

  /** The message, and the photo or tensor in it. */
  private static final int COPIES = 2;

  /** That may have all of their photos there, and the memory as well. */
  private static final int STREAMS = 4;

  private static final Context.Key<Counted> CURRENT = Context.key("message-memory");

  private final BodyMemory memory;
  private final LeastRate leastRate;
  private final GrpcErrors errors;
  private final RequestMetrics metrics;
  private final long most;

  @Autowired
  MessageMemory(
      BodyMemory memory,
      LeastRate leastRate,
      GrpcErrors errors,
      RequestMetrics metrics,
      PopsightProperties properties) {
    this(
        memory,
        leastRate,
        errors,
        metrics,
        properties.maxPhotoSize().toBytes() + PopsightProperties.OTHER_FIELDS);
  }

  /** For messages of so many bytes at most. */
  MessageMemory(
      BodyMemory memory,
      LeastRate leastRate,
      GrpcErrors errors,
      RequestMetrics metrics,
      long most) {
    this.memory = memory;
    this.leastRate = leastRate;
    this.errors = errors;
    this.metrics = metrics;
    this.most = most;
  }

  /** The messages of the current call. */
  static Counted ofCall() {
    return CURRENT.get();
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Counted(memory.open(), Routes.ofGrpc(method).stream());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Counted messages = ofCall();
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onHalfClose() {
        messages.halfClosed();
        super.onHalfClose();
      }
    };
  }

  /** A call's messages. */
  final class Counted extends ServerStreamTracer {

    private final BodyMemory.Share share;
    private final LeastRate.Watch watch = leastRate.watch(this::cutOff);
    private volatile Consumer<StatusRuntimeException> cancel = _ -> {};
    private volatile Optional<Refusal> refusal = Optional.empty();

    /** Of each that is not handed on; of a packed one it shows when it is unpacked. */
    private final Queue<Long> taken = new ArrayDeque<>();

    /** Bytes of the message that comes now: a stream's others are bodies of their own. */
    private long coming;

    /** Bytes of the last one that came unpacked, until they are told as such. */
    private long plain;

    /** Of the packed one that is unpacked now: it is handed on before the next is. */
    private long unpacked;

    /** Of a stream: its photos are measured when they have come, which this one never has. */
    private final Optional<Door> measuredHere;

    /**
     * gRPC would say that it does not know why a packed message could not be read, and of others
     * where something is answered already that the call is cancelled.
     */
    private volatile Consumer<StatusRuntimeException> tell = _ -> {};

    /** Whether the call has a single message. */
    private volatile boolean only;

    Counted(BodyMemory.Share share, Optional<Door> measuredHere) {
      this.share = share;
      this.measuredHere = measuredHere;
    }

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
      only = call.getMethodDescriptor().getType().clientSendsOneMessage();
    }

    /** Sets what ends the call if a message is refused, on the thread on which it comes. */
    void refusedBy(Consumer<StatusRuntimeException> end) {
      tell = end;
    }

    /**
     * How the call ends if it was refused here: what the caller and the metrics are told otherwise
     * is that it was cut off.
     */
    Optional<Outcome> refusal() {
      return refusal.map(Refusal::outcome);
    }

    /** What the message that is handed on now has taken; to be asked once for each. */
    synchronized long handedOn() {
      long took = taken.remove() + unpacked;
      unpacked = 0;
      return took;
    }

    private void halfClosed() {
      watch.whole();
    }

    /** A message is done that took so much. */
    void giveBack(long took) {
      share.shrink(took);
    }

    /** How many that take so much a stream may ask for at once: others want memory as well. */
    int atOnce(int most, long took) {
      return Math.clamp(share.most() / STREAMS / Math.max(1, took), 1, most);
    }

    @Override
    public Context filterContext(Context context) {
      // Nothing else ends a call from outside whose message is not there to be answered.
      Context.CancellableContext call = context.withValue(CURRENT, this).withCancellation();
      cancel = call::cancel;
      return call;
    }

    @Override
    public void inboundMessage(int number) {
      watch.came(0);
    }

    @Override
    public void inboundWireSize(long bytes) {
      watch.came(bytes);
      telling(() -> growWire(bytes));
    }

    @Override
    public synchronized void inboundMessageRead(int number, long wireBytes, long bytes) {
      if (!only) {
        watch.whole();
      }
      coming = 0;
      share.shrink(wireBytes);
      plain = Math.max(0, bytes);
      taken.add(COPIES * plain);
    }

    /** Called for plain messages as they come, and meanwhile for packed ones as they are read. */
    @Override
    public void inboundUncompressedSize(long bytes) {
      telling(
          () -> {
            if (!growPlain(bytes)) {
              growUnpacked(COPIES * bytes);
            }
          });
    }

    /** Outside of this one's lock: whom it tells has one of his own, and asks here within it. */
    private void telling(Runnable growth) {
      try {
        growth.run();
      } catch (StatusRuntimeException e) {
        tell.accept(e);
        throw e;
      }
    }

    private synchronized void growWire(long bytes) {
      coming += bytes;
      requireRoom(coming);
      grow(bytes, coming);
    }

    private synchronized boolean growPlain(long bytes) {
      if (bytes != plain) {
        return false;
      }
      plain = 0;
      grow(COPIES * bytes, COPIES * bytes);
      return true;
    }

    private synchronized void growUnpacked(long more) {
      unpacked += more;
      requireRoom(unpacked / COPIES);
      grow(more, unpacked);
    }

    @Override
    public void streamClosed(Status status) {
      watch.close();
      share.close();
    }

    private void cutOff(RefusedException e) {
      cancel.accept(refused(e));
    }

    private void requireRoom(long ofMessage) {
      if (ofMessage > most) {
        throw refused(
            new RefusedException(
                Refusal.TOO_LARGE, "a message holds at most %d bytes".formatted(most)));
      }
    }

    private void grow(long bytes, long ofMessage) {
      try {
        share.grow(bytes, ofMessage);
      } catch (RefusedException e) {
        throw refused(e);
      }
    }

    private StatusRuntimeException refused(RefusedException e) {
      refusal = Optional.of(e.refusal());
      return StatusProto.toStatusRuntimeException(
          measuredHere
              .map(door -> metrics.stream(door).answer(() -> errors.status(e)))
              .orElseGet(() -> errors.status(e)));
    }
  }
}
