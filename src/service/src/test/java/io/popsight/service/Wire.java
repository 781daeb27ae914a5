package io.popsight.service;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Requests byte by byte, as no well-behaved client would write them. */
record Wire(int port) {

  private static final int PATIENCE_MS = 20_000;

  /** What came back. */
  record Answer(int status, String head, byte[] body) {

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Sends a head without its last empty line, a length if there is none yet, and a body. */
  Answer send(String head, byte[] body) throws IOException {
    boolean sized = head.toLowerCase(Locale.ROOT).contains("\r\ncontent-length:");
    String rest =
        (sized || head.contains("Transfer-Encoding")
                ? ""
                : "Content-Length: %d\r\n".formatted(body.length))
            + "Connection: close\r\n\r\n";
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes((head + rest).getBytes(StandardCharsets.ISO_8859_1));
    request.writeBytes(body);
    return exchange(request.toByteArray());
  }

  /** Sends bytes, then closes its half of the line, and reads what there is. */
  Answer exchange(byte[] request) throws IOException {
    try (Socket socket = new Socket("localhost", port);
        InputStream in = socket.getInputStream()) {
      socket.setSoTimeout(PATIENCE_MS);
      try {
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
      } catch (SocketException e) {
        // Refused before it was read to its end: the answer is there all the same.
      }
      byte[] all = in.readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int split = text.indexOf("\r\n\r\n");
      if (split < 0) {
        return new Answer(0, text, new byte[0]);
      }
      String head = text.substring(0, split);
      byte[] body = Arrays.copyOfRange(all, split + 4, all.length);
      return new Answer(
          Integer.parseInt(head.substring(9, 12)),
          head,
          head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")
              ? joined(body)
              : body);
    }
  }

  private static byte[] joined(byte[] chunks) {
    String text = new String(chunks, StandardCharsets.ISO_8859_1);
    StringBuilder joined = new StringBuilder();
    int at = 0;
    while (true) {
      int line = text.indexOf("\r\n", at);
      int size = Integer.parseInt(text.substring(at, line), 16);
      if (size == 0) {
        return joined.toString().getBytes(StandardCharsets.ISO_8859_1);
      }
      joined.append(text, line + 2, line + 2 + size);
      at = line + size + 4;
    }
  }
}
