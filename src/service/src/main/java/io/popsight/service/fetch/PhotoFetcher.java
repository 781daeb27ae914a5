package io.popsight.service.fetch;

import io.popsight.service.Draining;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Fetches a photo by HTTP within bounds of size and time, from public addresses and from those that
 * the settings allow. Thread-safe.
 */
@Component
public final class PhotoFetcher implements AutoCloseable {

  private static final int MOST_REDIRECTS = 3;
  private static final int MOST_CONNECTIONS = 256;
  private static final int PIECE = 16 << 10;

  /** Short, so that whoever cannot be served comes again soon. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  /**
   * All that a caller is told where no answer came: a name that is unknown here, an address that is
   * not asked and a closed port in one sentence, so that the network cannot be explored.
   */
  private static final String NO_ANSWER =
      "its server cannot be asked from here; this server's log says why, and popsight.url-fetch in"
          + " its settings which networks may be asked";

  private static final Logger LOG = LoggerFactory.getLogger(PhotoFetcher.class);

  private final FetchSettings settings;
  private final long maxBytes;
  private final Draining draining;
  private final BodyMemory memory;
  private final CloseableHttpClient client;

  /** Hangs up when the time is over: the client's own limits are for each piece that comes. */
  private final ScheduledThreadPoolExecutor patience =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("fetch-timeout").factory());

  /**
   * With the service's settings.
   *
   * @throws IllegalArgumentException naming the network that cannot be read
   */
  PhotoFetcher(PopsightProperties properties, Draining draining, BodyMemory memory) {
    this.settings = properties.urlFetch();
    this.maxBytes = properties.maxPhotoSize().toBytes();
    this.draining = draining;
    this.memory = memory;
    // Every frame of a camera has its own.
    patience.setRemoveOnCancelPolicy(true);
    Timeout timeout = Timeout.of(settings.timeout());
    CheckedAddresses addresses =
        new CheckedAddresses(settings.allowedNetworks().stream().map(AddressRange::of).toList());
    this.client =
        HttpClients.custom()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableAutomaticRetries()
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setMaxRedirects(MOST_REDIRECTS)
                    .setResponseTimeout(timeout)
                    .setConnectionRequestTimeout(Timeout.of(LONGEST_WAIT))
                    .build())
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(addresses)
                    // A camera keeps its connection for as long as somebody looks.
                    .setMaxConnPerRoute(MOST_CONNECTIONS)
                    .setMaxConnTotal(MOST_CONNECTIONS)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(timeout)
                            .setSocketTimeout(timeout)
                            .build())
                    .build())
            .build();
  }

  /**
   * Does something with the bytes behind a URL, which hold memory meanwhile.
   *
   * @throws RefusedException if fetching is off, the URL cannot be asked, what comes is too large,
   *     there is no memory for it, or all connections are taken
   */
  public <T> T fetch(String url, Function<byte[], T> use) {
    return fetch(allowed(url), use);
  }

  private <T> T fetch(PhotoUrl url, Function<byte[], T> use) {
    try (BodyMemory.Share held = memory.open()) {
      return use.apply(fetch(url, held));
    }
  }

  private byte[] fetch(PhotoUrl url, BodyMemory.Share held) {
    HttpGet get = new HttpGet(url.uri());
    Future<?> late = hangUpLater(get);
    try {
      return client.execute(get, url.context(), response -> body(url, get, response, held));
    } catch (IOException | CancellationException e) {
      throw failed("the photo cannot be fetched", url, get, e);
    } finally {
      late.cancel(false);
    }
  }

  /**
   * The frames of a camera: one that sends photo after photo (MJPEG over HTTP), or one that has a
   * photo for whoever asks and is asked again and again.
   *
   * @param pause least time between two frames; zero takes them as they come, where they are sent
   * @throws RefusedException as {@link #fetch} does
   */
  public Camera camera(String address, Duration pause) {
    PhotoUrl url = allowed(address);
    HttpGet get = new HttpGet(url.uri());
    Future<?> late = hangUpLater(get);
    try {
      ClassicHttpResponse response =
          client.executeOpen(RoutingSupport.determineHost(get), get, url.context());
      HttpEntity entity = response.getEntity();
      if (response.getCode() != 200) {
        throw wrongStatus(response, url);
      }
      if (entity != null && String.valueOf(entity.getContentType()).startsWith("multipart/")) {
        PhotoParts parts = parts(entity);
        AtomicBoolean hungUp = new AtomicBoolean();
        return Camera.sending(
            () -> next(url, get, parts, hungUp),
            () -> {
              hungUp.set(true);
              get.abort();
            },
            pause,
            draining);
      }
      get.abort();
      return Camera.asked(() -> fetch(url, Function.identity()), pause, draining);
    } catch (IOException | HttpException | CancellationException e) {
      RefusedException refused = failed("the camera cannot be asked", url, get, e);
      get.abort();
      throw refused;
    } finally {
      late.cancel(false);
    }
  }

  private PhotoParts parts(HttpEntity entity) throws IOException {
    try {
      return PhotoParts.ofCamera(entity.getContent(), Math.toIntExact(maxBytes), memory);
    } catch (IOException e) {
      throw new BadAnswerException("its stream does not begin with a boundary", e);
    }
  }

  /**
   * A camera's next photo, which has the time of any other. One that comes byte by byte would hold
   * its connection for ever: that nobody reads any more is noticed when an answer is written.
   */
  private Optional<byte[]> next(PhotoUrl url, HttpGet get, PhotoParts parts, AtomicBoolean hungUp) {
    Future<?> late = hangUpLater(get);
    try {
      Optional<PhotoParts.Part> part = parts.next();
      if (part.isEmpty() && get.isAborted()) {
        // Within the headers of a part, the end of what is read passes for the camera's own.
        throw new IOException("hung up on before its next photo");
      }
      return part.map(PhotoFetcher::bytes);
    } catch (IOException e) {
      if (hungUp.get()) {
        throw refused("the camera's stream has ended");
      }
      throw failed(
          "the camera's stream broke",
          url,
          get,
          new BadAnswerException("what came is no whole photo", e));
    } finally {
      late.cancel(false);
    }
  }

  /** A frame that is passed over or taken holds no memory of the requests' any more. */
  private static byte[] bytes(PhotoParts.Part frame) {
    try (frame) {
      return frame.bytes();
    }
  }

  private Future<?> hangUpLater(HttpGet get) {
    return patience.schedule(get::abort, settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
  }

  /** What the caller is told; the rest of it is for the log. */
  private RefusedException failed(String what, PhotoUrl url, HttpGet get, Exception failure) {
    // Whoever waits for a connection is cancelled when the time for the whole photo is over.
    if (failure instanceof ConnectionRequestTimeoutException
        || failure instanceof CancellationException) {
      return new RefusedException(
          Refusal.QUEUE_FULL,
          "%s: all %d connections to other servers are taken".formatted(what, MOST_CONNECTIONS));
    }
    String reason = reason(get, failure);
    if (LOG.isInfoEnabled()) {
      String detail =
          failure.getCause() == null
              ? failure.toString()
              : failure.getMessage() + ": " + failure.getCause();
      LOG.info(
          "{}: {}: {}: {}",
          what,
          url,
          reason.equals(NO_ANSWER) ? "no answer" : reason,
          WithoutSecrets.of(detail));
    }
    return refused(what + ": " + reason);
  }

  private String reason(HttpGet get, Exception failure) {
    // How long it took, the caller can measure.
    if (get.isAborted()
        || failure instanceof SocketTimeoutException
        || failure.getCause() instanceof SocketTimeoutException) {
      return "it took longer than %d ms".formatted(settings.timeout().toMillis());
    }
    return failure instanceof BadAnswerException ? String.valueOf(failure.getMessage()) : NO_ANSWER;
  }

  /** There was an answer, and its caller may know what is wrong with it. */
  private static final class BadAnswerException extends IOException {

    private static final long serialVersionUID = 1L;

    BadAnswerException(String reason) {
      super(reason);
    }

    BadAnswerException(String reason, IOException cause) {
      super(reason, cause);
    }
  }

  private static BadAnswerException wrongStatus(ClassicHttpResponse response, PhotoUrl url) {
    String status = "its server answered with status " + response.getCode();
    if (response.getCode() != HttpStatus.SC_UNAUTHORIZED) {
      return new BadAnswerException(status);
    }
    return new BadAnswerException(
        status
            + (url.user().isPresent()
                ? ": it does not take this user and password"
                : ": it wants a user and a password before its name, http://USER:PASSWORD@HOST/"));
  }

  private PhotoUrl allowed(String url) {
    if (!settings.enabled()) {
      throw refused("photos are not fetched from URLs here; send the photo itself");
    }
    return PhotoUrl.of(url);
  }

  private byte[] body(
      PhotoUrl url, HttpGet get, ClassicHttpResponse response, BodyMemory.Share held)
      throws IOException {
    HttpEntity entity = response.getEntity();
    if (response.getCode() != 200 || entity == null) {
      throw wrongStatus(response, url);
    }
    try {
      return bytes(get, entity, held);
    } catch (IOException e) {
      throw new BadAnswerException("its answer broke off", e);
    }
  }

  private byte[] bytes(HttpGet get, HttpEntity entity, BodyMemory.Share held) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (InputStream in = entity.getContent()) {
      byte[] piece = new byte[PIECE];
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        try {
          take(read, body.size() + read, held);
        } catch (RuntimeException e) {
          // Closing alone would read an endless body to its end.
          get.abort();
          throw e;
        }
        body.write(piece, 0, read);
      }
    }
    return body.toByteArray();
  }

  private void take(int more, long all, BodyMemory.Share held) {
    if (all > maxBytes) {
      throw new RefusedException(
          Refusal.TOO_LARGE, "the photo has more than %d bytes".formatted(maxBytes));
    }
    held.growPatiently((long) PhotoParts.COPIES * more);
  }

  private static RefusedException refused(String message) {
    return new RefusedException(Refusal.INVALID_PARAMETER, message);
  }

  @Override
  public void close() throws IOException {
    patience.shutdownNow();
    client.close();
  }
}
