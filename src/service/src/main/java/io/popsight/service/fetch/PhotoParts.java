package io.popsight.service.fetch;

import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.apache.tomcat.util.http.fileupload.FileItemHeaders;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.MultipartStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;

/**
 * The photos of a multipart body, one after the other as they come in: {@code form-data} as
 * browsers and curl send it, {@code mixed}, or {@code x-mixed-replace} as cameras and ffmpeg do.
 * Form fields are passed over: of {@code form-data} a part is a photo that is named {@code image},
 * has a file's name, or says that it is an image.
 */
public final class PhotoParts {

  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_LINE = 256;
  private static final FileUpload HEADERS = new FileUpload();

  /** What is kept may move to twice its size, and the photo is a copy of it. */
  static final int COPIES = 3;

  private final MultipartStream stream;
  private final int maxBytes;
  private final BodyMemory memory;
  private boolean started;
  private boolean another;

  /** One photo, which holds memory until it is closed. */
  public static final class Part implements AutoCloseable {

    private final String file;
    private final Bounded content;

    private Part(String file, Bounded content) {
      this.file = file;
      this.content = content;
    }

    /** Its file's name, empty if it has none. */
    public String file() {
      return file;
    }

    /**
     * Encoded; one byte more than allowed if there were too many.
     *
     * @throws RefusedException if there was no memory for it
     */
    public byte[] bytes() {
      return content.bytes();
    }

    @Override
    public void close() {
      content.forget();
    }
  }

  /**
   * Over a body.
   *
   * @throws RefusedException if it is not multipart
   */
  public PhotoParts(InputStream body, String contentType, int maxBytes, BodyMemory memory) {
    this(body, boundary(contentType), maxBytes, memory);
  }

  private PhotoParts(InputStream body, byte[] boundary, int maxBytes, BodyMemory memory) {
    this.maxBytes = maxBytes;
    this.memory = memory;
    this.stream = new MultipartStream(body, boundary, BUFFER, null);
  }

  /**
   * What a camera sends. Some announce the boundary with its two dashes and some without, so that
   * it is taken from where it stands first.
   *
   * @throws IOException if no boundary comes
   */
  static PhotoParts ofCamera(InputStream body, int maxBytes, BodyMemory memory) throws IOException {
    PushbackInputStream in = new PushbackInputStream(body, LONGEST_LINE);
    byte[] line = line(in);
    if (line.length == 0) {
      line = line(in);
    }
    if (line.length < 3 || line[0] != '-' || line[1] != '-') {
      throw new IOException("the camera's stream does not begin with a boundary");
    }
    in.unread(new byte[] {'\r', '\n'});
    in.unread(line);
    return new PhotoParts(in, Arrays.copyOfRange(line, 2, line.length), maxBytes, memory);
  }

  /** Without its end. */
  private static byte[] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || line.size() == LONGEST_LINE - 2) {
        throw new IOException("the camera's stream does not begin with a boundary");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toByteArray();
  }

  private static byte[] boundary(String contentType) {
    try {
      MediaType type = MediaType.parseMediaType(contentType);
      String boundary = type.getParameter("boundary");
      if (type.getType().equals("multipart") && boundary != null) {
        String bare = boundary.replaceAll("^\"|\"$", "");
        if (!bare.isEmpty() && bare.length() <= 200) {
          return bare.getBytes(StandardCharsets.ISO_8859_1);
        }
      }
    } catch (InvalidMediaTypeException e) {
      // Refused below, in the same words as any other type.
    }
    throw new RefusedException(
        Refusal.UNSUPPORTED_MEDIA_TYPE,
        "content type '%s'; send multipart/form-data, multipart/mixed or multipart/x-mixed-replace with a boundary"
            .formatted(contentType));
  }

  /**
   * The next photo; waits for it. Empty at the end.
   *
   * @throws IOException if the body ends within a part, or its sender is gone
   */
  public Optional<Part> next() throws IOException {
    while (atPart()) {
      Optional<String> headers = headers();
      if (headers.isEmpty()) {
        return Optional.empty();
      }
      Optional<String> file = file(HEADERS.getParsedHeaders(headers.get()));
      if (file.isPresent()) {
        return Optional.of(new Part(file.get(), content()));
      }
      stream.discardBodyData();
      another = stream.readBoundary();
    }
    return Optional.empty();
  }

  /** The name of a photo's file, empty text if it has none; empty if the part is a form field. */
  private static Optional<String> file(FileItemHeaders headers) {
    ContentDisposition disposition =
        disposition(headers.getHeader(HttpHeaders.CONTENT_DISPOSITION));
    String file = disposition.getFilename();
    boolean field =
        disposition.isFormData()
            && file == null
            && !"image".equals(disposition.getName())
            && !StringUtils.startsWithIgnoreCase(
                headers.getHeader(HttpHeaders.CONTENT_TYPE), "image/");
    return field ? Optional.empty() : Optional.of(Objects.requireNonNullElse(file, ""));
  }

  /** Cameras send none. */
  private static ContentDisposition disposition(@Nullable String header) {
    try {
      return header == null ? ContentDisposition.empty() : ContentDisposition.parse(header);
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      // Rather a photo without a name than none.
      return ContentDisposition.empty();
    }
  }

  private Bounded content() throws IOException {
    Bounded content = new Bounded(maxBytes + 1, memory.open());
    boolean whole = false;
    try {
      stream.readBodyData(content);
      another = stream.readBoundary();
      whole = true;
      return content;
    } finally {
      if (!whole) {
        content.forget();
      }
    }
  }

  private boolean atPart() throws IOException {
    if (!started) {
      started = true;
      another = stream.skipPreamble();
    }
    return another;
  }

  /** A camera does not close its stream: whatever ends after a boundary has ended well. */
  private Optional<String> headers() throws IOException {
    try {
      return Optional.of(stream.readHeaders());
    } catch (MultipartStream.MalformedStreamException e) {
      return Optional.empty();
    }
  }

  /**
   * Keeps so many bytes as it may and has memory for, and forgets the rest, so that the part behind
   * them can still be read.
   */
  private static final class Bounded extends OutputStream {
    private ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int most;
    private final BodyMemory.Share held;
    private @Nullable RefusedException refusal;

    Bounded(int most, BodyMemory.Share held) {
      this.most = most;
      this.held = held;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      int more = Math.min(length, most - kept.size());
      if (refusal == null && more > 0) {
        try {
          held.growPatiently((long) COPIES * more);
          kept.write(bytes, offset, more);
        } catch (RefusedException e) {
          refusal = e;
          forget();
        }
      }
    }

    byte[] bytes() {
      if (refusal != null) {
        throw refusal;
      }
      return kept.toByteArray();
    }

    /** Not at its close, which is when the part has been read. */
    void forget() {
      kept = new ByteArrayOutputStream();
      held.close();
    }
  }
}
