package io.popsight.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A camera at an address that tests allow, with its photo and its MJPEG. */
final class TestCamera implements AutoCloseable {

  /** What to allow. */
  static final String NETWORK = "127.0.0.2/32";

  private static final int FRAMES = 8;

  /** Bytes. */
  private static final int LARGE = 2 << 20;

  private final HttpServer server;
  private final CountDownLatch letGo = new CountDownLatch(1);

  TestCamera() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0), 8);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/photo.jpg", exchange -> photo(exchange, TestPhotos.cells()));
    server.createContext("/large", exchange -> photo(exchange, new byte[LARGE]));
    server.createContext("/mjpeg", exchange -> frames(exchange, FRAMES));
    server.createContext("/endless", this::endless);
    server.createContext(
        "/trickle",
        exchange -> trickle(exchange, "--myboundary\r\nContent-Type: image/jpeg\r\n\r\n"));
    server.createContext("/header", exchange -> trickle(exchange, "--myboundary\r\nX-Slow: "));
    server.createContext("/hesitant", exchange -> trickle(exchange, "--"));
    server.createContext("/silent", TestCamera::silent);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.2:%d%s".formatted(server.getAddress().getPort(), path);
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
