package io.popsight.service.fetch;

import io.popsight.service.Draining;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.util.Timeout;
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

  private final FetchSettings settings;
  private final long maxBytes;
  private final Draining draining;
  private final CloseableHttpClient client;

  /** Hangs up when the time is over: the client's own limits are for each piece that comes. */
  private final ScheduledExecutorService patience =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("fetch-timeout").factory());

  /**
   * With the service's settings.
   *
   * @throws IllegalArgumentException naming the network that cannot be read
   */
  PhotoFetcher(PopsightProperties properties, Draining draining) {
    this.settings = properties.urlFetch();
    this.maxBytes = properties.maxPhotoSize().toBytes();
    this.draining = draining;
    Timeout timeout = Timeout.of(settings.timeout());
    CheckedAddresses addresses =
        new CheckedAddresses(settings.allowedNetworks().stream().map(Network::of).toList());
    this.client =
        HttpClients.custom()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableAutomaticRetries()
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setMaxRedirects(MOST_REDIRECTS)
                    .setResponseTimeout(timeout)
                    .setConnectionRequestTimeout(timeout)
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
   * The bytes behind a URL.
   *
   * @throws RefusedException if fetching is off, the URL cannot be asked, or what comes is too
   *     large
   */
  public byte[] fetch(String url) {
    requireEnabled();
    HttpGet get = new HttpGet(checked(url));
    Future<?> late = hangUpLater(get);
    try {
      return client.execute(get, response -> body(get, response));
    } catch (IOException e) {
      throw refused("the photo cannot be fetched: " + reason(get, e));
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
  public Camera camera(String url, Duration pause) {
    requireEnabled();
    HttpGet get = new HttpGet(checked(url));
    try {
      ClassicHttpResponse response = open(get);
      HttpEntity entity = response.getEntity();
      if (response.getCode() != 200) {
        throw new IOException("it answered with status " + response.getCode());
      }
      if (entity != null && String.valueOf(entity.getContentType()).startsWith("multipart/")) {
        return Camera.sending(
            PhotoParts.ofCamera(entity.getContent(), Math.toIntExact(maxBytes)),
            get::abort,
            pause,
            draining);
      }
      get.abort();
      return Camera.asked(() -> fetch(url), pause, draining);
    } catch (IOException | HttpException e) {
      String reason = reason(get, e);
      get.abort();
      throw refused("the camera cannot be asked: " + reason);
    }
  }

  /** An answer whose headers came in time; its body may take as long as it likes. */
  private ClassicHttpResponse open(HttpGet get) throws IOException, HttpException {
    Future<?> late = hangUpLater(get);
    try {
      return client.executeOpen(RoutingSupport.determineHost(get), get, HttpClientContext.create());
    } finally {
      late.cancel(false);
    }
  }

  private Future<?> hangUpLater(HttpGet get) {
    return patience.schedule(get::abort, settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
  }

  private String reason(HttpGet get, Exception failure) {
    return get.isAborted()
        ? "it took longer than %d ms".formatted(settings.timeout().toMillis())
        : String.valueOf(failure.getMessage());
  }

  private void requireEnabled() {
    if (!settings.enabled()) {
      throw refused("photos are not fetched from URLs here; send the photo itself");
    }
  }

  private static URI checked(String url) {
    try {
      URI uri = URI.create(url);
      if (Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw refused("this is no URL: " + e.getMessage());
    }
    throw refused("only http and https URLs with a host and without a password are fetched");
  }

  private byte[] body(HttpGet get, ClassicHttpResponse response) throws IOException {
    HttpEntity entity = response.getEntity();
    if (response.getCode() != 200 || entity == null) {
      throw new IOException("the other server answered with status " + response.getCode());
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (InputStream in = entity.getContent()) {
      byte[] piece = new byte[PIECE];
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        body.write(piece, 0, read);
        if (body.size() > maxBytes) {
          // Closing alone would read an endless body to its end.
          get.abort();
          throw new RefusedException(
              Refusal.TOO_LARGE, "the photo has more than %d bytes".formatted(maxBytes));
        }
      }
    }
    return body.toByteArray();
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
