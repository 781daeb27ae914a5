package io.popsight.service.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDownloadTest {

  /** Of the three letters abc (FIPS 180-2, appendix B.1). */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

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
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void rightChecksum_isKept() throws Exception {
    ModelDownload.fetch(url("/m.onnx"), ABC, folder.resolve("m.onnx"));

    assertThat(folder.resolve("m.onnx")).hasContent("abc");
  }

  @Test
  void wrongChecksum_leavesNothing() {
    assertThatThrownBy(() -> ModelDownload.fetch(url("/m.onnx"), "00", folder.resolve("m.onnx")))
        .hasMessage("sha256 is %s, wanted 00", ABC);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void missingFile_saysTheStatus() {
    assertThatThrownBy(() -> ModelDownload.fetch(url("/x"), ABC, folder.resolve("m.onnx")))
        .hasMessage("status 404");
  }

  private URI url(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }
}
