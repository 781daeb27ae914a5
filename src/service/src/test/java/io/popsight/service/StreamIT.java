package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.default-model=popsight-cells"})
class StreamIT {

  private static final JsonMapper JSON = new JsonMapper();
  private static final byte[] END = "--frame--\r\n".getBytes(StandardCharsets.US_ASCII);

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @ParameterizedTest
  @ValueSource(strings = {"form-data", "mixed", "x-mixed-replace"})
  void photos_areAnsweredEach(String kind) throws Exception {
    byte[] photo = TestPhotos.cells();
    HttpResponse<String> response =
        post("?labels=WBC", kind, "*/*", body(photo, new byte[] {1, 2, 3}, photo, photo));

    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/x-ndjson");
    List<JsonNode> lines =
        response
            .body()
            .lines()
            .map(JSON::readTree)
            .sorted(Comparator.comparingInt(line -> line.get("index").asInt()))
            .toList();
    assertThat(lines).hasSize(4);
    for (int i : new int[] {0, 2, 3}) {
      assertThat(lines.get(i).get("name").asString()).isEqualTo(i + ".jpg");
      assertThat(lines.get(i).get("detections").get(0).get("label").asString()).isEqualTo("WBC");
    }
    assertThat(lines.get(1).get("problem").get("type").asString())
        .isEqualTo("urn:popsight:problem:not-a-photo");
    assertThat(lines.get(1).has("detections")).isFalse();
  }

  static Stream<Arguments> partHeaders() {
    String field = "Content-Disposition: form-data; name=";
    return Stream.of(
        Arguments.of(field + "\"image\"; filename*=UTF-8''f%C3%BCr.jpg", "f\u00fcr.jpg"),
        Arguments.of(field + "\"image\"; filename=\"a;b.jpg\"", "a;b.jpg"),
        Arguments.of(field + "\"image\"; filename=\"", null),
        Arguments.of(field + "\"image\"; filename*=KOI8''a.jpg", null),
        Arguments.of(field + "\"image\"", null),
        Arguments.of(field + "\"photo\"\r\ncontent-type: Image/jpeg", null),
        Arguments.of("Content-Disposition: attachment; filename=a.jpg", "a.jpg"),
        Arguments.of("Content-Type: image/jpeg\r\nContent-Length: 9", null));
  }

  /** Behind a form field, which is none. */
  @ParameterizedTest
  @MethodSource("partHeaders")
  void partOfAnyHeader_isAPhotoWithItsFilesName(String header, @Nullable String name)
      throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(part("Content-Disposition: form-data; name=\"note\"", new byte[9]));
    body.writeBytes(part(header, TestPhotos.cells()));
    body.writeBytes(END);

    List<JsonNode> lines =
        post("", "form-data", "*/*", body.toByteArray())
            .body()
            .lines()
            .map(JSON::readTree)
            .toList();

    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst().get("index").asInt()).isZero();
    assertThat(lines.getFirst().path("name").asString(null)).isEqualTo(name);
    assertThat(lines.getFirst().get("detections")).isNotEmpty();
  }

  @Test
  void fieldsAlone_areAProblem() throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(part("Content-Disposition: form-data; name=\"photo\"", TestPhotos.cells()));
    body.writeBytes(END);

    List<String> lines = post("", "form-data", "*/*", body.toByteArray()).body().lines().toList();

    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst())
        .startsWith("{\"index\":0,\"problem\":")
        .contains("no part is a photo; name it 'image'", "urn:popsight:problem:missing-photo");
  }

  /** Else nothing of a site whose cameras stream is in the rates that alerts are about. */
  @Test
  void photos_areMeasuredEach() throws Exception {
    MeasuredRequests measured = new MeasuredRequests(port);
    String door = "api=\"native\",interface=\"rest\",model=\"popsight-cells\"";
    double all = measured.with("");
    double ok = measured.with(door + ",outcome=\"ok\"");
    double refused = measured.with(door + ",outcome=\"refused\"");

    byte[] photo = TestPhotos.cells();
    HttpResponse<String> response =
        post("", "mixed", "*/*", body(photo, new byte[] {1, 2, 3}, photo));

    assertThat(response.body().lines()).hasSize(3);
    assertThat(measured.with(door + ",outcome=\"ok\"")).isEqualTo(ok + 2);
    assertThat(measured.with(door + ",outcome=\"refused\"")).isEqualTo(refused + 1);
    assertThat(measured.with("")).as("the stream itself is none").isEqualTo(all + 3);
    assertThat(measured.metrics())
        .containsPattern("popsight_inflight_requests 0\\.0")
        .contains(
            "popsight_requests_rejected_total{model=\"popsight-cells\",reason=\"not-a-photo\"}");
  }

  @Test
  void events_areSentWhereTheyAreAccepted() throws Exception {
    HttpResponse<String> response =
        post("", "mixed", "text/event-stream", body(TestPhotos.cells(), new byte[0]));

    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    assertThat(response.body()).contains("event: detection\ndata: {\"index\":0,");
    assertThat(response.body()).contains("event: problem\ndata: {\"index\":1,");
    assertThat(response.body()).endsWith("}\n\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          application/x-ndjson, text/event-stream               | application/x-ndjson
          application/x-ndjson, text/event-stream;q=0.1         | application/x-ndjson
          text/event-stream, application/x-ndjson;q=0.9         | text/event-stream
          application/x-ndjson;q=0, */*                         | text/event-stream
          application/x-ndjson;q=0.1, */*                       | text/event-stream
          */*                                                   | application/x-ndjson
          text/*                                                | text/event-stream
          """)
  void answer_isWhatIsLikedBest(String accept, String type) throws Exception {
    HttpResponse<String> response = post("", "mixed", accept, body(new byte[0]));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/png", "text/event-stream;q=0"})
  void callerWhoTakesNeither_isRefused(String accept) throws Exception {
    assertThat(post("", "mixed", accept, body(new byte[0])).statusCode()).isEqualTo(406);
  }

  @Test
  void cutBody_isAnsweredUpToThere() throws Exception {
    byte[] whole = body(TestPhotos.cells(), TestPhotos.cells());
    HttpResponse<String> response =
        post("", "mixed", "*/*", Arrays.copyOf(whole, whole.length - 1_000));

    List<String> lines = response.body().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines).anyMatch(line -> line.startsWith("{\"index\":0,") && line.contains("WBC"));
    assertThat(lines)
        .anyMatch(
            line ->
                line.startsWith("{\"index\":1,")
                    && line.contains("urn:popsight:problem:malformed-request"));
  }

  @Test
  void partWithoutAHeader_isAProblemAndEndsTheStream() throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("--frame\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(TestPhotos.cells());
    body.writeBytes("\r\n--frame--\r\n".getBytes(StandardCharsets.US_ASCII));

    assertThat(post("", "mixed", "*/*", body.toByteArray()).body())
        .startsWith("{\"index\":0,\"problem\":")
        .contains("a part has no header", "urn:popsight:problem:malformed-request");
  }

  @Test
  void tooLargePhoto_isAProblemAndTheNextIsAnswered() throws Exception {
    HttpResponse<String> response =
        post("", "form-data", "*/*", body(new byte[(32 << 20) + 5], TestPhotos.cells()));

    assertThat(response.body()).contains("urn:popsight:problem:too-large", "WBC");
  }

  @Test
  void whatNoPhotoCouldMakeGood_isRefusedBeforeTheStream() throws Exception {
    byte[] body = body(TestPhotos.cells());

    assertThat(post("?model=nobody", "mixed", "*/*", body).statusCode()).isEqualTo(404);
    assertThat(post("?format=xml", "mixed", "*/*", body).body())
        .contains("format must be popsight or coco, got 'xml'");
    assertThat(post("?format=coco", "mixed", "*/*", body).body())
        .contains("the lines of a stream have one form; format and explain are for /v1/detect");
    assertThat(post("?explain=spikes", "mixed", "*/*", body).statusCode()).isEqualTo(400);
    assertThat(post("?zone=1,2,3", "mixed", "*/*", body).body())
        .contains("zone must be at least three corners in pixels, x1,y1,x2,y2,x3,y3, got '1,2,3'");
    HttpResponse<String> bare =
        client.send(
            HttpRequest.newBuilder(uri(""))
                .header("Content-Type", "image/jpeg")
                .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(bare.statusCode()).isEqualTo(415);
  }

  /** A camera sends a photo now and the next one later. */
  @Test
  void answer_comesBeforeTheNextPhotoIsSent() throws Exception {
    byte[] whole = body(TestPhotos.cells(), TestPhotos.cells());
    int second = whole.length / 2 + 40;
    try (Socket socket = new Socket("localhost", port)) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      String head =
          "POST /v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
              + "Content-Type: multipart/x-mixed-replace;boundary=frame\r\nContent-Length: "
              + whole.length
              + "\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(whole, 0, second);
      out.flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(lineWith(in, "\"index\":0")).contains("WBC");
      out.write(whole, second, whole.length - second);
      out.flush();
      assertThat(lineWith(in, "\"index\":1")).contains("WBC");
    }
  }

  private static String lineWith(BufferedReader in, String wanted) throws IOException {
    String line = Objects.requireNonNull(in.readLine());
    while (!line.contains(wanted)) {
      line = Objects.requireNonNull(in.readLine());
    }
    return line;
  }

  private HttpResponse<String> post(String query, String kind, String accept, byte[] body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(query))
            .header("Content-Type", "multipart/" + kind + ";boundary=frame")
            .header("Accept", accept)
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String query) {
    return URI.create("http://localhost:" + port + "/v1/stream" + query);
  }

  private static byte[] body(byte[]... photos) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < photos.length; i++) {
      String file = "; filename=\"" + i + ".jpg\"";
      body.writeBytes(part("Content-Disposition: form-data; name=\"image\"" + file, photos[i]));
    }
    body.writeBytes(END);
    return body.toByteArray();
  }

  private static byte[] part(String headers, byte[] content) {
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    part.writeBytes("--frame\r\n%s\r\n\r\n".formatted(headers).getBytes(StandardCharsets.US_ASCII));
    part.writeBytes(content);
    part.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    return part.toByteArray();
  }
}
