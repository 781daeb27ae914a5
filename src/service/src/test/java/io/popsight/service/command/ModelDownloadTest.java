package io.popsight.service.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDownloadTest {

  /** Of the three letters abc (FIPS 180-2, appendix B.1). */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
    server.createContext(
        "/m.onnx",
        exchange -> {
          exchange.sendResponseHeaders(200, 3);
          exchange.getResponseBody().write("abc".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    server.createContext(
        "/stalls",
        exchange -> {
          exchange.sendResponseHeaders(200, 3);
          exchange.getResponseBody().write("ab".getBytes(StandardCharsets.US_ASCII));
          exchange.getResponseBody().flush();
        });
    server.createContext(
        "/cut",
        exchange -> {
          exchange.sendResponseHeaders(200, 3);
          exchange.getResponseBody().write("ab".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    server.createContext("/gone", HttpExchange::close);
    server.createContext("/silent", _ -> {});
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void rightChecksum_isKept() throws Exception {
    ModelDownload.fetch(url("/m.onnx"), ABC, folder.resolve("m.onnx"), PATIENCE);

    assertThat(folder.resolve("m.onnx")).hasContent("abc");
  }

  @Test
  void wrongChecksum_leavesNothing() {
    assertThatThrownBy(
            () -> ModelDownload.fetch(url("/m.onnx"), "00", folder.resolve("m.onnx"), PATIENCE))
        .hasMessage("cannot fetch %s: sha256 is %s, wanted 00", url("/m.onnx"), ABC);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http://HERE/x                   | cannot fetch http://HERE/x: status 404
          http://HERE/silent              | cannot fetch http://HERE/silent: no answer came within 1 s
          http://HERE/stalls              | cannot fetch http://HERE/stalls: less than 1 MiB came within 1 s
          http://HERE/cut                 | cannot fetch http://HERE/cut: the connection ended before the whole file had come
          http://HERE/gone                | cannot fetch http://HERE/gone: the connection ended before the whole file had come
          http://a:pass@HERE/x?sig=secret | cannot fetch http://HERE/x: status 404
          http://localhost:1/x            | cannot fetch http://localhost:1/x: connection refused
          http://nowhere.invalid/x        | cannot fetch http://nowhere.invalid/x: its host is unknown
          http:///x                       | NO_URL
          ftp://HERE/x                    | NO_URL
          http://localhost:99999/x        | NO_URL
          https://a:p@ss@[::1]:8443/x     | NO_URL
          https://a:pa/ss@HERE/x          | NO_URL
          """)
  @Timeout(60)
  void failure_isToldWithoutWhatIsSecretAndLeavesNothing(String url, String told) {
    String here = "localhost:" + server.getAddress().getPort();
    String noUrl =
        "cannot fetch %s: want a URL such as https://example.com/models/m.onnx, and got none"
            .formatted(folder.resolve("m.onnx"));

    Duration patience = told.endsWith("within 1 s") ? Duration.ofSeconds(1) : PATIENCE;

    assertThatThrownBy(
            () ->
                ModelDownload.fetch(
                    url.replace("HERE", here), ABC, folder.resolve("m.onnx"), patience))
        .isInstanceOf(IOException.class)
        .hasMessage(told.replace("HERE", here).replace("NO_URL", noUrl));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void fileThatCannotBeWritten_isNamed() throws IOException {
    Path none = folder.resolve("none/m.onnx");
    Path taken = Files.createDirectories(folder.resolve("taken/m.onnx"));
    Files.createFile(taken.resolve("x"));

    assertThatThrownBy(() -> ModelDownload.fetch(url("/m.onnx"), ABC, none, PATIENCE))
        .hasMessageEndingWith(
            "cannot write %s: there is no folder %s", none, folder.resolve("none"));
    assertThatThrownBy(() -> ModelDownload.fetch(url("/m.onnx"), ABC, taken, PATIENCE))
        .hasMessageContaining("cannot write %s: ", taken);
    assertThat(folder.resolve("taken")).isDirectoryNotContaining("glob:**.part");
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }
}
