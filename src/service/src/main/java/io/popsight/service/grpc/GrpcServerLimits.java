package io.popsight.service.grpc;

import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.GzipMember;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.NettyGrpcServerFactory;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The bounds that HTTP has, for gRPC. */
@Configuration(proxyBeanMethods = false)
class GrpcServerLimits {

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(GrpcServerLimits.class);

  /** A client holds back further calls until one ends; each costs memory though it only waits. */
  private static final int CALLS_OF_A_CONNECTION = 128;

  /** As Triton's clients may pack, and gRPC's own way with a bound that Java's lacks. */
  private static final DecompressorRegistry PACKED =
      DecompressorRegistry.getDefaultInstance()
          .with(unpacker("deflate", InflaterInputStream::new), true)
          .with(unpacker("gzip", GzipMember::new), true);

  /**
   * What cannot be read of a caller's these log with its stack: anybody could fill the log. Held,
   * as Java forgets a logger that nobody holds, with its filter.
   */
  private static final List<Logger> OF_MESSAGES =
      Stream.of("io.grpc.internal.SerializingExecutor", "io.grpc.netty.NettyServerStream")
          .map(Logger::getLogger)
          .toList();

  @FunctionalInterface
  private interface Unpacking {

    InputStream of(InputStream packed) throws IOException;
  }

  private static Decompressor unpacker(String encoding, Unpacking unpacking) {
    return new Decompressor() {
      @Override
      public String getMessageEncoding() {
        return encoding;
      }

      @Override
      public InputStream decompress(InputStream packed) {
        try {
          return unpacking.of(packed);
        } catch (IOException e) {
          throw Status.INVALID_ARGUMENT
              .withDescription("the message is not " + encoding)
              .asRuntimeException();
        }
      }
    };
  }

  @Bean
  ServerBuilderCustomizer<NettyServerBuilder> connectionLimits(MessageMemory memory) {
    OF_MESSAGES.forEach(logger -> logger.setFilter(GrpcServerLimits::isOurs));
    return builder ->
        builder
            // The memory refuses them as they come, counts them and says why.
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .decompressorRegistry(PACKED)
            .maxConcurrentCallsPerConnection(CALLS_OF_A_CONNECTION)
            .addStreamTracerFactory(memory);
  }

  private static boolean isOurs(LogRecord told) {
    if (told.getThrown() instanceof StatusRuntimeException refusal) {
      LOG.debug("A message was refused: {}", refusal.getMessage());
      return false;
    }
    return true;
  }

  /** A call waits for its photo on a thread that costs nothing. */
  @Bean
  GrpcServerExecutorProvider grpcThreads() {
    Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    return () -> threads;
  }

  /**
   * Spring's own, but for its stop: that has the time that a photo may take, and HTTP stops
   * meanwhile instead of afterwards, so that both together take no longer.
   */
  @Bean
  @ConditionalOnBooleanProperty(name = "spring.grpc.server.enabled", matchIfMissing = true)
  GrpcServerLifecycle nettyGrpcServerLifecycle(
      NettyGrpcServerFactory factory,
      PopsightProperties properties,
      ApplicationEventPublisher events) {
    return new GrpcServerLifecycle(factory, properties.deadline(), events) {
      @Override
      public void stop(Runnable stopped) {
        Thread.ofVirtual().start(() -> super.stop(stopped));
      }

      @Override
      public int getPhase() {
        return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
      }
    };
  }
}
