package io.popsight.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A camera at an address that tests allow, with its photo and its MJPEG. */
final class TestCamera implements AutoCloseable {

  /** What to allow. */
  static final String NETWORK = "127.0.0.2/32";

  private static final int FRAMES = 8;

  /** Bytes. */
  private static final int LARGE = 2 << 20;

  private static final String USER = "kim";
  private static final String PASSWORD = "p@ss:word";
  private static final String NONCE = "0a1b2c3d";

  private final HttpServer server;
  private final AtomicInteger authorizations = new AtomicInteger();
  private volatile String elsewhere = "/";
  private final CountDownLatch letGo = new CountDownLatch(1);

  TestCamera() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0), 8);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/photo.jpg", exchange -> photo(exchange, TestPhotos.cells()));
    server.createContext("/large", exchange -> photo(exchange, new byte[LARGE]));
    server.createContext("/grainy", exchange -> photo(exchange, TestPhotos.grainy()));
    server.createContext("/mjpeg", exchange -> frames(exchange, FRAMES));
    server.createContext("/endless", this::endless);
    server.createContext(
        "/trickle",
        exchange -> trickle(exchange, "--myboundary\r\nContent-Type: image/jpeg\r\n\r\n"));
    server.createContext("/header", exchange -> trickle(exchange, "--myboundary\r\nX-Slow: "));
    server.createContext("/hesitant", exchange -> trickle(exchange, "--"));
    server.createContext("/silent", TestCamera::silent);
    server.createContext("/flood", TestCamera::flood);
    server.createContext(
        "/away", exchange -> redirect(exchange, "http://127.0.0.1:%d/photo.jpg".formatted(port())));
    server.createContext("/circle", exchange -> redirect(exchange, "/circle?token=secret"));
    guard("basic");
    guard("digest");
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.2:%d%s".formatted(port(), path);
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Where {@code /mjpeg}, {@code /photo.jpg} and {@code /elsewhere} want a password. */
  String guarded(String scheme, String user, String password) {
    return url("/" + scheme).replace("//", "//%s:%s@".formatted(user, password));
  }

  /** Where {@code /elsewhere} sends whoever asks for it. */
  void sendTo(String url) {
    elsewhere = url;
  }

  /** How many requests had a password, or what stands for it. */
  int authorizations() {
    return authorizations.get();
  }

  private void guard(String scheme) {
    guarded(scheme, "/photo.jpg", exchange -> photo(exchange, TestPhotos.cells()));
    guarded(scheme, "/mjpeg", exchange -> frames(exchange, FRAMES));
    guarded(scheme, "/elsewhere", exchange -> redirect(exchange, elsewhere));
  }

  private void guarded(String scheme, String path, HttpHandler behind) {
    server.createContext(
        "/" + scheme + path,
        exchange -> {
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          if (authorization != null) {
            authorizations.incrementAndGet();
          }
          if (isAuthorized(scheme, String.valueOf(authorization))) {
            behind.handle(exchange);
            return;
          }
          exchange
              .getResponseHeaders()
              .set(
                  "WWW-Authenticate",
                  scheme.equals("basic")
                      ? "Basic realm=\"camera\""
                      : "Digest realm=\"camera\", nonce=\"%s\", qop=\"auth\"".formatted(NONCE));
          exchange.sendResponseHeaders(401, -1);
          exchange.close();
        });
  }

  private static boolean isAuthorized(String scheme, String authorization) {
    return scheme.equals("basic")
        ? authorization.equals(
            "Basic " + Base64.getEncoder().encodeToString(bytes(USER + ":" + PASSWORD)))
        : authorization.startsWith("Digest ")
            && value(authorization, "response").equals(digest(authorization));
  }

  /** As RFC 2617 has it, which is what cameras know. */
  private static String digest(String authorization) {
    return md5(
        String.join(
            ":",
            md5(USER + ":camera:" + PASSWORD),
            NONCE,
            value(authorization, "nc"),
            value(authorization, "cnonce"),
            "auth",
            md5("GET:" + value(authorization, "uri"))));
  }

  private static String value(String authorization, String name) {
    Matcher value = Pattern.compile("[ ,]" + name + "=\"?([^\",]+)").matcher(authorization);
    return value.find() ? value.group(1) : "";
  }

  private static String md5(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes(text)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether somebody who watched the endless stream has hung up. */
  boolean isLetGo() throws InterruptedException {
    return letGo.await(20, TimeUnit.SECONDS);
  }

  private static void photo(HttpExchange exchange, byte[] photo) throws IOException {
    exchange.sendResponseHeaders(200, photo.length);
    exchange.getResponseBody().write(photo);
    exchange.close();
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().set("Location", location);
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  /** A photo without end. */
  private static void flood(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    while (true) {
      exchange.getResponseBody().write(new byte[1 << 20]);
    }
  }

  /** With the dashes in the header, as many cameras have them. */
  private static void frames(HttpExchange exchange, int number) throws IOException {
    byte[] photo = TestPhotos.cells();
    exchange
        .getResponseHeaders()
        .set("Content-Type", "multipart/x-mixed-replace; boundary=--myboundary");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    for (int i = 0; i < number; i++) {
      out.write(
          "--myboundary\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
              .formatted(photo.length)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(photo);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      pause();
    }
    out.write("--myboundary--\r\n".getBytes(StandardCharsets.US_ASCII));
    exchange.close();
  }

  private void endless(HttpExchange exchange) {
    try {
      frames(exchange, Integer.MAX_VALUE);
    } catch (IOException e) {
      letGo.countDown();
      exchange.close();
    }
  }

  /** One that goes on so, byte by byte, and ends nothing that it has begun. */
  private void trickle(HttpExchange exchange, String begun) {
    try {
      OutputStream out = begin(exchange, begun);
      while (true) {
        out.write('a');
        out.flush();
        pause();
      }
    } catch (IOException e) {
      letGo.countDown();
      exchange.close();
    }
  }

  /** One whose first photo is yet to come. */
  private static void silent(HttpExchange exchange) throws IOException {
    begin(exchange, "--myboundary\r\n");
  }

  private static OutputStream begin(HttpExchange exchange, String begun) throws IOException {
    exchange
        .getResponseHeaders()
        .set("Content-Type", "multipart/x-mixed-replace; boundary=myboundary");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.write(begun.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return out;
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
