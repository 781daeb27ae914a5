package io.popsight.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.popsight.service.detect.PhotoAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** Answers on their way out, a line or an event each, sent at once. Thread-safe. */
final class StreamLines {

  private static final Logger LOG = LoggerFactory.getLogger(StreamLines.class);

  private final OutputStream out;
  private final JsonMapper json;
  private final boolean events;
  private boolean closed;

  StreamLines(OutputStream out, JsonMapper json, boolean events) {
    this.out = out;
    this.json = json;
    this.events = events;
  }

  /**
   * One line.
   *
   * @param index which photo of the stream, from 0
   * @param name of its file, where it has one
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      int index,
      @Nullable String name,
      @JsonUnwrapped @Nullable PhotoAnswer answer,
      @Nullable ProblemDetail problem) {

    static Line of(int index, String name, PhotoAnswer answer) {
      return new Line(index, name.isEmpty() ? null : name, answer, null);
    }

    static Line of(int index, String name, ProblemDetail problem) {
      return new Line(index, name.isEmpty() ? null : name, null, problem);
    }
  }

  void write(Line line) throws IOException {
    String event = line.problem() == null ? "detection" : "problem";
    String text = json.writeValueAsString(line);
    String framed = events ? "event: %s\ndata: %s\n\n".formatted(event, text) : text + "\n";
    synchronized (this) {
      if (!closed) {
        out.write(framed.getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    }
  }

  /** The last line was that; lines that come yet are dropped. */
  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      out.close();
    } catch (IOException e) {
      LOG.debug("Nobody is there to read the end of a stream", e);
    }
  }
}
