package io.popsight.service;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** A service, and a channel to its gRPC port. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.queue=64"})
abstract class OverGrpc {

  @Autowired private GrpcServerLifecycle server;

  ManagedChannel channel = unconnected();

  /** Of the service. */
  int port() {
    return server.getPort();
  }

  private static ManagedChannel unconnected() {
    return NettyChannelBuilder.forAddress("localhost", 1).usePlaintext().build();
  }

  @BeforeEach
  void connect() {
    channel.shutdownNow();
    channel =
        NettyChannelBuilder.forAddress("localhost", port())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }
}
