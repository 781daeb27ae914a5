package io.popsight.service.doods;

import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.LeastRate;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.metrics.RequestMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.standard.ServletServerContainerFactoryBean;
import org.springframework.web.socket.server.support.OriginHandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;
import tools.jackson.databind.json.JsonMapper;

/** WebSockets at {@code /detect}, many photos, and {@code /stream}, a camera. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "popsight.doors.doods", matchIfMissing = true)
class DoodsSockets {

  private static final String CALLER = "caller";
  private static final String PHOTOS = "photos";
  private static final String SOCKET = "socket";

  /** Before the mapping of controllers, which would refuse {@code GET /detect}. */
  private static final int FIRST = -1;

  /** Neither side sends: a camera's frames come an hour apart at most. */
  private static final Duration LONGEST_SILENCE = Duration.ofHours(2);

  /** Else a client that is gone without a word holds its socket for ever. */
  @Bean
  ServletServerContainerFactoryBean doodsSocketLimits() {
    ServletServerContainerFactoryBean sockets = new ServletServerContainerFactoryBean();
    sockets.setMaxSessionIdleTimeout(LONGEST_SILENCE.toMillis());
    return sockets;
  }

  /** Upgrades alone are taken; everything else at these paths is the controller's. */
  @Bean
  WebSocketHandlerMapping doodsSocketMapping(
      DoodsDetection detection,
      RequestMetrics metrics,
      JsonMapper json,
      InferencePool pool,
      BodyMemory memory,
      LeastRate leastRate,
      PopsightProperties properties) {
    WebSocketHandlerMapping mapping = new WebSocketHandlerMapping();
    mapping.setOrder(FIRST);
    mapping.setWebSocketUpgradeMatch(true);
    mapping.setUrlMap(
        Map.of(
            "/detect",
            entrance(
                new Sockets(
                    detection, metrics, json, memory, leastRate, pool.photosAtOnce(), false),
                metrics,
                properties),
            "/stream",
            entrance(
                new Sockets(detection, metrics, json, memory, leastRate, 1, true),
                metrics,
                properties)));
    return mapping;
  }

  private static WebSocketHttpRequestHandler entrance(
      WebSocketHandler handler, RequestMetrics metrics, PopsightProperties properties) {
    WebSocketHttpRequestHandler entrance = new WebSocketHttpRequestHandler(handler);
    entrance.setHandshakeInterceptors(
        List.of(
            // Pages of other origins; programs send none.
            new OriginHandshakeInterceptor(properties.corsOrigins()), new ConnectionKept(metrics)));
    return entrance;
  }

  /**
   * Messages come on threads of their own; they are answered in the name of who connected, and in
   * the trace of the request that did.
   */
  private static final class ConnectionKept implements HandshakeInterceptor {

    private final RequestMetrics metrics;

    ConnectionKept(RequestMetrics metrics) {
      this.metrics = metrics;
    }

    @Override
    public boolean beforeHandshake(
        ServerHttpRequest request,
        ServerHttpResponse response,
        WebSocketHandler handler,
        Map<String, Object> attributes) {
      attributes.put(CALLER, Caller.current());
      attributes.put(PHOTOS, metrics.stream(DoodsSocket.DOOR));
      return true;
    }

    @Override
    public void afterHandshake(
        ServerHttpRequest request,
        ServerHttpResponse response,
        WebSocketHandler handler,
        @Nullable Exception exception) {}
  }

  private static final class Sockets extends TextWebSocketHandler {

    private final DoodsDetection detection;
    private final RequestMetrics metrics;
    private final JsonMapper json;
    private final BodyMemory memory;
    private final LeastRate leastRate;
    private final int photosAtOnce;
    private final boolean cameras;

    Sockets(
        DoodsDetection detection,
        RequestMetrics metrics,
        JsonMapper json,
        BodyMemory memory,
        LeastRate leastRate,
        int photosAtOnce,
        boolean cameras) {
      this.detection = detection;
      this.metrics = metrics;
      this.json = json;
      this.memory = memory;
      this.leastRate = leastRate;
      this.photosAtOnce = photosAtOnce;
      this.cameras = cameras;
    }

    /** Else memory for the largest message is taken for every connection. */
    @Override
    public boolean supportsPartialMessages() {
      return true;
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) {
      Map<String, Object> attributes = session.getAttributes();
      attributes.put(
          SOCKET,
          new DoodsSocket(
              session,
              detection,
              metrics,
              (RequestMetrics.Photos) Objects.requireNonNull(attributes.get(PHOTOS)),
              json,
              (Caller) Objects.requireNonNull(attributes.get(CALLER)),
              memory,
              leastRate,
              photosAtOnce));
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage piece)
        throws IOException {
      DoodsSocket socket = socket(session);
      Optional<String> whole = socket.whole(piece);
      if (whole.isPresent()) {
        if (cameras) {
          socket.camera(whole.get());
        } else {
          socket.photo(whole.get());
        }
      }
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
      socket(session).close();
    }

    private static DoodsSocket socket(WebSocketSession session) {
      return (DoodsSocket) Objects.requireNonNull(session.getAttributes().get(SOCKET));
    }
  }
}
