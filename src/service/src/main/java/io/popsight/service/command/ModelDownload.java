package io.popsight.service.command;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Fetches a model file and keeps it only if its checksum is right: the chart's init container, in
 * an image that has no shell and no curl. Of the JDK alone.
 */
public final class ModelDownload {

  private ModelDownload() {}

  /** Takes URL, SHA-256 and file; exits with 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 3) {
      System.err.println("usage: ModelDownload URL SHA256 FILE");
      System.exit(2);
    }
    try {
      fetch(URI.create(args[0]), args[1], Path.of(args[2]));
      System.err.println(args[2] + ": sha256 " + args[1]);
    } catch (IOException e) {
      System.err.println("popsight: cannot fetch " + args[0] + ": " + e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Fetches a file; whoever looks at it sees nothing or the whole of it.
   *
   * @throws IOException if it cannot be had, or is not the file with that checksum
   */
  static void fetch(URI url, String sha256, Path file) throws IOException, InterruptedException {
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try (HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(10))
            .build()) {
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(url).timeout(Duration.ofMinutes(5)).build(),
              BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new IOException("status " + response.statusCode());
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Files.copy(new DigestInputStream(body, digest), part, StandardCopyOption.REPLACE_EXISTING);
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
}
