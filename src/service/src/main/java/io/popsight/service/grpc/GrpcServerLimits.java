package io.popsight.service.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.popsight.service.PopsightProperties;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.ServerBuilderCustomizer;

/** The bounds that HTTP has, for gRPC. */
@Configuration(proxyBeanMethods = false)
class GrpcServerLimits {

  /** Room for what stands beside the photo in a message. */
  private static final int OTHER_FIELDS = 64 << 10;

  @Bean
  ServerBuilderCustomizer<NettyServerBuilder> messageLimit(PopsightProperties properties) {
    int bytes = Math.toIntExact(properties.maxPhotoSize().toBytes()) + OTHER_FIELDS;
    return builder -> builder.maxInboundMessageSize(bytes);
  }

  /** A call waits for its photo on a thread that costs nothing. */
  @Bean
  GrpcServerExecutorProvider grpcThreads() {
    Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    return () -> threads;
  }
}
