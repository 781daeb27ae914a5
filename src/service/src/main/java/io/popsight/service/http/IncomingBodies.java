package io.popsight.service.http;

import io.popsight.service.desk.LeastRate;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Sees what comes of a request's body whoever reads it: Tomcat reads forms past every filter. A
 * sender who falls behind {@link LeastRate} is refused and hung up on; between two bytes Tomcat
 * waits for {@code server.tomcat.connection-timeout}, however often.
 */
@Component
class IncomingBodies implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {

  /** Of a stream, which pauses between photos: how long, Tomcat's time-out bounds. */
  private static final long LONGEST_PAUSE_COUNTED = TimeUnit.SECONDS.toNanos(1);

  /** Bytes beside the chunks, which a sender may draw out unseen here. */
  private static final int BESIDE_CHUNKS = 1024;

  private static final String BODY = IncomingBodies.class.getName();

  private final LeastRate leastRate;

  IncomingBodies(LeastRate leastRate) {
    this.leastRate = leastRate;
  }

  /** Has the bytes of a request's body counted as they come; what that throws ends the reading. */
  static void count(ServletRequest request, LongConsumer counted) {
    if (request.getAttribute(BODY) instanceof Body body) {
      body.counted = counted;
    }
  }

  @Override
  public void customize(ConfigurableTomcatWebServerFactory factory) {
    factory.addContextCustomizers(
        context -> context.getParent().getPipeline().addValve(new BodyValve()));
    factory.addConnectorCustomizers(IncomingBodies::boundChunks);
  }

  private static void boundChunks(Connector connector) {
    if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> http) {
      http.setMaxExtensionSize(BESIDE_CHUNKS);
      http.setMaxTrailerSize(BESIDE_CHUNKS);
    }
  }

  private final class BodyValve extends ValveBase {

    BodyValve() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      org.apache.coyote.Request coyote = request.getCoyoteRequest();
      InputBuffer unseen = coyote.getInputBuffer();
      boolean stream = StreamController.PATH.equals(request.getRequestURI());
      Body body =
          new Body(unseen, leastRate.open(), stream ? LONGEST_PAUSE_COUNTED : Long.MAX_VALUE);
      request.setAttribute(BODY, body);
      coyote.setInputBuffer(body);
      try {
        getNext().invoke(request, response);
      } finally {
        coyote.setInputBuffer(unseen);
        if (body.refusal != null && body.refusal.refusal() == Refusal.TOO_SLOW) {
          // Else what the sender owes is awaited before the connection serves others.
          coyote.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
        }
      }
    }
  }

  /** One of them. */
  private static final class Body implements InputBuffer {

    private final InputBuffer body;
    private final LeastRate.Pace pace;
    private final long longestCounted;
    private LongConsumer counted = _ -> {};
    private @Nullable RefusedException refusal;

    Body(InputBuffer body, LeastRate.Pace pace, long longestCounted) {
      this.body = body;
      this.pace = pace;
      this.longestCounted = longestCounted;
    }

    @Override
    public int doRead(ApplicationBufferHandler handler) throws IOException {
      if (refusal != null) {
        // Whoever closes a part of a form reads on to its end. One of its own, as it may become a
        // suppressed one of the first.
        throw new RefusedException(refusal.refusal(), String.valueOf(refusal.getMessage()));
      }
      long asked = System.nanoTime();
      int read = body.doRead(handler);
      long waited = System.nanoTime() - asked;
      try {
        pace.waited(Math.min(waited, longestCounted), Math.max(0, read));
        counted.accept(Math.max(0, read));
      } catch (RefusedException e) {
        refusal = e;
        throw e;
      }
      return read;
    }

    @Override
    public int available() {
      return body.available();
    }
  }
}
