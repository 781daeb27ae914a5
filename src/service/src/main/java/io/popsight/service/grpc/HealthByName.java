package io.popsight.service.grpc;

import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.stereotype.Component;

/**
 * Each service that is served has the health of the whole. Kubernetes, Envoy and grpc_health_probe
 * may ask for one by its name, and Spring knows that of none.
 */
@Component
@GlobalServerInterceptor
final class HealthByName implements ServerInterceptor {

  private final Set<String> names;

  HealthByName(List<BindableService> services) {
    this.names =
        services.stream()
            .map(service -> service.bindService().getServiceDescriptor().getName())
            .collect(Collectors.toSet());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    return HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())
        ? new OfTheWhole<>(listener, names)
        : listener;
  }

  private static final class OfTheWhole<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Set<String> names;

    OfTheWhole(ServerCall.Listener<Q> listener, Set<String> names) {
      super(listener);
      this.names = names;
    }

    @Override
    @SuppressWarnings("unchecked") // What health is asked with is one type.
    public void onMessage(Q message) {
      super.onMessage(
          message instanceof HealthCheckRequest asked && names.contains(asked.getService())
              ? (Q) HealthCheckRequest.getDefaultInstance()
              : message);
    }
  }
}
