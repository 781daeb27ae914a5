package io.popsight.service.grpc;

import io.grpc.protobuf.services.HealthStatusManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Health over gRPC goes with readiness when the service is told to stop: whoever balances calls by
 * it needs the time in which they are still answered, and Spring's own goes with the server.
 */
@Component
final class HealthAtStop {

  private final ObjectProvider<HealthStatusManager> health;

  HealthAtStop(ObjectProvider<HealthStatusManager> health) {
    this.health = health;
  }

  /** Readiness is refused at the stop alone, after which nothing serves again. */
  @EventListener
  void changed(AvailabilityChangeEvent<ReadinessState> readiness) {
    if (readiness.getState() == ReadinessState.REFUSING_TRAFFIC) {
      health.ifAvailable(HealthStatusManager::enterTerminalState);
    }
  }
}
