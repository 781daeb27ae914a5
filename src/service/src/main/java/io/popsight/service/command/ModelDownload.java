package io.popsight.service.command;

import io.popsight.service.fetch.WithoutSecrets;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Fetches a model file and keeps it only if its checksum is right: the chart's init container, in
 * an image that has no shell and no curl. Of the JDK alone.
 */
public final class ModelDownload {

  private static final Duration CONNECT = Duration.ofSeconds(10);

  /**
   * For the answer to begin, and again for each piece of it: a large file on a slow line may take
   * as long as it needs, one that stands still may not.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final int PIECE = 1 << 20;

  private ModelDownload() {}

  /** Takes URL, SHA-256 and file; exits with 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 3) {
      System.err.println("usage: ModelDownload URL SHA256 FILE");
      System.exit(2);
    }
    try {
      fetch(args[0], args[1], Path.of(args[2]), PATIENCE);
      System.err.println(args[2] + ": sha256 " + args[1]);
    } catch (IOException e) {
      System.err.println("popsight: " + e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Fetches a file; whoever looks at it sees nothing or the whole of it.
   *
   * @param patience how long to wait for the answer, and for each MiB of it
   * @throws IOException if it cannot be had, or is not the file with that checksum; the message
   *     says all, without what is secret of the URL
   */
  static void fetch(String url, String sha256, Path file, Duration patience)
      throws IOException, InterruptedException {
    HttpRequest request = request(url, file);
    try {
      fetch(request, sha256, file, patience);
    } catch (IOException e) {
      throw new IOException(
          "cannot fetch %s: %s"
              .formatted(WithoutSecrets.of(url), WithoutSecrets.of(reason(e, file))),
          e);
    }
  }

  /** What cannot be taken apart is not repeated: nobody knows where in it a password may be. */
  private static HttpRequest request(String url, Path file) throws IOException {
    try {
      URI from = new URI(url);
      // Of a port Java would say so only when it connects.
      if (from.getPort() < 1 << 16) {
        return HttpRequest.newBuilder(from).build();
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw noUrl(file);
    }
    throw noUrl(file);
  }

  private static IOException noUrl(Path file) {
    return new IOException(
        "cannot fetch %s: want a URL such as https://example.com/models/%s, and got none"
            .formatted(file, file.getFileName()));
  }

  private static void fetch(HttpRequest request, String sha256, Path file, Duration patience)
      throws IOException, InterruptedException {
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try (HttpClient client =
            HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT)
                .build();
        ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
      HttpResponse<InputStream> response =
          within(patience, "no answer", client.sendAsync(request, BodyHandlers.ofInputStream()));
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new IOException("status " + response.statusCode());
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (OutputStream out = Files.newOutputStream(part)) {
          byte[] piece;
          do {
            piece =
                within(patience, "less than 1 MiB", reader.submit(() -> body.readNBytes(PIECE)));
            digest.update(piece);
            out.write(piece);
          } while (piece.length == PIECE);
        }
        String got = HexFormat.of().formatHex(digest.digest());
        if (!got.equalsIgnoreCase(sha256)) {
          throw new IOException("sha256 is %s, wanted %s".formatted(got, sha256));
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static <T> T within(Duration patience, String failure, Future<T> coming)
      throws IOException, InterruptedException {
    try {
      return coming.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      coming.cancel(true);
      throw new IOException("%s came within %d s".formatted(failure, patience.toSeconds()), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  /** Java's client says nothing of most connections that fail, and its files leave out the why. */
  private static String reason(IOException failure, Path file) {
    return switch (failure) {
      case HttpConnectTimeoutException _ ->
          "no connection within %d s".formatted(CONNECT.toSeconds());
      case ConnectException e when e.getCause() instanceof UnresolvedAddressException ->
          "its host is unknown";
      case ConnectException e when e.getMessage() == null -> "connection refused";
      case IOException e when hasEnded(e) -> "the connection ended before the whole file had come";
      case AccessDeniedException _ -> "cannot write %s: permission denied".formatted(file);
      case NoSuchFileException _ ->
          "cannot write %s: there is no folder %s".formatted(file, file.getParent());
      case FileSystemException e -> "cannot write %s: %s".formatted(file, e.getReason());
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static boolean hasEnded(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .anyMatch(EOFException.class::isInstance);
  }
}
