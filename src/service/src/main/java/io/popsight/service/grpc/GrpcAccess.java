package io.popsight.service.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.popsight.service.access.Access;
import io.popsight.service.access.Need;
import io.popsight.service.access.Routes;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.InferencePool;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.stereotype.Component;

/** Lets calls in before their messages are asked for; they run in the caller's name. */
@Component
@GlobalServerInterceptor
final class GrpcAccess implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> API_KEY = key("x-api-key");

  private final Access access;
  private final InferencePool pool;
  private final GrpcErrors errors;

  GrpcAccess(Access access, InferencePool pool, GrpcErrors errors) {
    this.access = access;
    this.pool = pool;
    this.errors = errors;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller;
    try {
      Need need = Routes.ofGrpc(call.getMethodDescriptor().getFullMethodName()).need();
      Duration patience = patience();
      caller =
          access
              .enter(need, secret(headers))
              .map(entered -> new Caller(entered.key(), patience, entered.charge()))
              .orElseGet(() -> new Caller(address(call), patience));
      if (need.photo() && call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        caller.run(pool::requirePlace);
      }
    } catch (RuntimeException e) {
      StatusRuntimeException refusal = StatusProto.toStatusRuntimeException(errors.status(e));
      Metadata trailers = refusal.getTrailers();
      call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
    return new InTheNameOf<>(next.startCall(call, headers), caller);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Optional<String> secret(Metadata headers) {
    return Access.bearer(headers.get(AUTHORIZATION))
        .or(() -> Optional.ofNullable(headers.get(API_KEY)));
  }

  private static Duration patience() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? Caller.PATIENT
        : Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  private static String address(ServerCall<?, ?> call) {
    SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return address instanceof InetSocketAddress internet
        ? internet.getAddress().getHostAddress()
        : String.valueOf(address);
  }

  /** Callbacks come on threads of their own. */
  private static final class InTheNameOf<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Caller caller;

    InTheNameOf(ServerCall.Listener<Q> listener, Caller caller) {
      super(listener);
      this.caller = caller;
    }

    @Override
    public void onMessage(Q message) {
      caller.run(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      caller.run(super::onHalfClose);
    }
  }
}
