package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** DOODS as pydoods and Home Assistant's integration speak it. */
@ExtendWith(OutputCaptureExtension.class)
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.url-fetch.enabled=true",
      "popsight.url-fetch.timeout=2s",
      "popsight.url-fetch.allowed-networks=" + TestCamera.NETWORK,
      // So that more than that comes in time.
      "popsight.max-photo-size=1MB",
      "popsight.queue=64"
    })
class DoodsIT {

  @AutoClose private final TestCamera camera = new TestCamera();

  @LocalServerPort private int port;
  private OipClient client = new OipClient(0);

  DoodsIT() throws IOException {}

  @BeforeEach
  void connect() {
    client = new OipClient(port);
  }

  private JsonNode detect(String fields) throws Exception {
    OipClient.Answer answer =
        client.postJson(
            "/detect",
            "{\"data\":\"%s\"%s}"
                .formatted(Base64.getEncoder().encodeToString(TestPhotos.cells()), fields));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  @Test
  void detectors_areTheModelsAndADefault() throws Exception {
    JsonNode detectors = client.get("/detectors").json().get("detectors");

    assertThat(detectors.valueStream().map(d -> d.get("name").asString()))
        .containsExactly(
            "default", "popsight-cells", "popsight-nano", "popsight-street", "popsight-voc");
    assertThat(detectors.get(0).get("model").asString()).startsWith("popsight-cells");
    assertThat(detectors.get(0).get("width").asInt()).isEqualTo(320);
    assertThat(detectors.get(0).get("height").asInt()).isEqualTo(256);
    assertThat(detectors.get(2).get("labels").toString()).contains("motorcycle");
  }

  @Test
  void homeAssistantsRequest_givesSharesAndPercentBestFirst() throws Exception {
    JsonNode answer =
        detect(",\"detector_name\":\"default\",\"id\":\"7\",\"detect\":{\"*\":40},\"regions\":[]");

    assertThat(answer.has("error")).isFalse();
    assertThat(answer.has("image")).isFalse();
    assertThat(answer.get("id").asString()).isEqualTo("7");
    assertThat(answer.get("duration").isIntegralNumber()).isTrue();
    double last = 100;
    assertThat(answer.get("detections").size()).isGreaterThan(5);
    for (JsonNode found : answer.get("detections")) {
      assertThat(found.get("confidence").asDouble()).isBetween(40.0, last);
      last = found.get("confidence").asDouble();
      for (String edge : new String[] {"top", "left", "bottom", "right"}) {
        assertThat(found.get(edge).asDouble()).isBetween(0.0, 1.0);
      }
      assertThat(found.has("region_id")).isFalse();
    }
  }

  /** As Home Assistant does where nothing is configured. */
  @Test
  void confidenceOfNothing_getsTheBest() throws Exception {
    JsonNode found = detect(",\"detect\":{\"*\":0}").get("detections");

    assertThat(found.size()).isEqualTo(50);
    assertThat(found.get(0).get("confidence").asDouble()).isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"detect\":{}", ",\"detect\":{\"cat\":10}", ",\"regions\":[]"})
  void nothingAskedFor_isNothing(String fields) throws Exception {
    assertThat(detect(fields).get("detections").size()).isZero();
  }

  @Test
  void namedLabel_shadowsTheStar() throws Exception {
    JsonNode all = detect(",\"detect\":{\"*\":30}");
    JsonNode without = detect(",\"detect\":{\"*\":30,\"RBC\":100}");

    long reds = labelled(all, "RBC");
    assertThat(reds).isPositive();
    assertThat(labelled(without, "RBC")).isZero();
    assertThat(without.get("detections").size())
        .isEqualTo(all.get("detections").size() - (int) reds);
  }

  private static long labelled(JsonNode answer, String label) {
    return answer
        .get("detections")
        .valueStream()
        .filter(f -> f.get("label").asString().equals(label))
        .count();
  }

  @Test
  void regions_coverOrTouchAndTheFirstWins() throws Exception {
    String half =
        "{\"id\":\"%s\",\"top\":0,\"left\":0,\"bottom\":1,\"right\":0.5,\"covers\":%s,\"detect\":{\"*\":30}}";
    JsonNode covered = detect(",\"regions\":[" + half.formatted("a", "true") + "]");
    JsonNode touched =
        detect(
            ",\"regions\":["
                + half.formatted("a", "true")
                + ","
                + half.formatted("b", "false")
                + "]");
    JsonNode unsaid =
        detect(",\"regions\":[" + half.replace("\"covers\":%s,", "").formatted("b") + "]");

    assertThat(covered.get("detections").valueStream())
        .isNotEmpty()
        .allSatisfy(
            f -> {
              assertThat(f.get("right").asDouble()).isLessThanOrEqualTo(0.5);
              assertThat(f.get("region_id").asString()).isEqualTo("a");
            });
    assertThat(
            touched
                .get("detections")
                .valueStream()
                .filter(f -> f.get("region_id").asString().equals("b")))
        .isNotEmpty()
        .allSatisfy(
            f -> {
              assertThat(f.get("left").asDouble()).isLessThan(0.5);
              assertThat(f.get("right").asDouble()).isGreaterThan(0.5);
            });
    assertThat(unsaid.get("detections").size())
        .as("as DOODS2 has it: a touch is enough")
        .isEqualTo(touched.get("detections").size());
  }

  @Test
  void picture_comesAsBase64OrAsJpeg() throws Exception {
    byte[] png =
        Base64.getDecoder()
            .decode(detect(",\"image\":\"png\",\"detect\":{\"*\":50}").get("image").asString());
    OipClient.Answer jpeg =
        client.postJson(
            "/image",
            "{\"data\":\"%s\",\"detect\":{\"*\":50}}"
                .formatted(Base64.getEncoder().encodeToString(TestPhotos.cells())));

    assertThat(png).startsWith(0x89, 'P', 'N', 'G');
    assertThat(jpeg.contentType()).isEqualTo("image/jpeg");
    assertThat(ImageIO.read(new java.io.ByteArrayInputStream(jpeg.body())).getWidth())
        .isEqualTo(640);
  }

  @Test
  void grayscale_looksWithoutColours() throws Exception {
    byte[] png =
        Base64.getDecoder()
            .decode(
                detect(",\"image\":\"png\",\"preprocess\":[\"grayscale\"],\"detect\":{\"*\":100}")
                    .get("image")
                    .asString());

    int pixel = ImageIO.read(new java.io.ByteArrayInputStream(png)).getRGB(320, 240);
    assertThat(pixel & 0xff).isEqualTo(pixel >> 8 & 0xff).isEqualTo(pixel >> 16 & 0xff);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5 | want one JSON object",
        "\"x\" | want one JSON object",
        "[] | want one JSON object",
        "{} {} | want one JSON object",
        "{\"detect\":[1]} | detect must be an object",
        "{\"detect\":{\"*\":\"high\"}} | detect.* must be a number",
        "{\"preprocess\":[{}]} | preprocess[0] must be text",
        "{\"regions\":{}} | regions must be an array",
        "{\"regions\":[{\"top\":null}]} | regions[0].top must be a number",
        "{\"regions\":[{\"covers\":1.5}]} | regions[0].covers must be true or false",
        "{\"id\":1,\"id\":2} | Duplicate Object property \"id\""
      })
  void wrongField_isNamedByItsPath(String body, String mistake) throws Exception {
    OipClient.Answer answer = client.postJson("/detect", body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("error").asString())
        .isEqualTo("the request cannot be read: " + mistake);
  }

  @Test
  void errorOfAPicture_isText() throws Exception {
    OipClient.Answer answer = client.postJson("/image", "{\"data\":\"QUJD\"}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.contentType()).startsWith("text/plain");
    assertThat(answer.text()).startsWith("this is no photo");
  }

  @Test
  void allowedCamera_isAsked() throws Exception {
    OipClient.Answer answer = fetched("http://127.0.0.2:%d/photo.jpg");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("detections").size()).isPositive();
  }

  /** What is refused, unknown or shut looks the same. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/photo.jpg",
        "http://localhost:%d/photo.jpg",
        "http://[::1]:%d/photo.jpg",
        "http://[::ffff:127.0.0.1]:%d/photo.jpg",
        "http://2130706433:%d/photo.jpg",
        "http://0:%d/photo.jpg",
        "http://169.254.169.254/latest?port=%d",
        "http://127.0.0.2:%d/away",
        "http://127.0.0.2:%d/circle",
        "http://nowhere.invalid:%d/photo.jpg",
        "http://127.0.0.2:1/photo.jpg?port=%d"
      })
  void otherAddresses_areNotAsked(String url) throws Exception {
    OipClient.Answer answer = fetched(url);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().get("error").asString())
        .isEqualTo(
            "the photo cannot be fetched: its server cannot be asked from here; this server's log"
                + " says why, and popsight.url-fetch in its settings which networks may be asked");
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:%d/photo.jpg?token=secret, 127.0.0.1 is neither public nor in",
    "http://127.0.0.2:1/photo.jpg?token=secret&%d, Connection refused",
    "http://127.0.0.2:%d/circle?token=secret, Circular redirect"
  })
  void whyAServerIsNotAsked_isInTheLog(String url, String reason, CapturedOutput output)
      throws Exception {
    int before = output.length();

    OipClient.Answer answer = fetched(url);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(output.toString().substring(before)).contains(reason).doesNotContain("secret");
  }

  @Test
  void answerThatIsNoPhoto_isSaidToBe() throws Exception {
    assertThat(fetched("http://127.0.0.2:%d/nothing").json().get("error").asString())
        .isEqualTo("the photo cannot be fetched: its server answered with status 404");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:p@ss@127.0.0.2:%d/photo.jpg",
        "file:///etc/passwd?%d",
        "ftp://127.0.0.2:%d/photo.jpg",
        "http://:%d/"
      })
  void otherUrls_areNotAsked(String url) throws Exception {
    OipClient.Answer answer = fetched(url);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().get("error").asString())
        .isEqualTo(
            "only http and https URLs with a host are fetched; of a user and password before it,"
                + " write what is no letter or digit percent-encoded");
  }

  @Test
  void endlessPhoto_isCutOff() throws Exception {
    OipClient.Answer answer = fetched("http://127.0.0.2:%d/flood");

    assertThat(answer.status()).as(answer.text()).isEqualTo(413);
    assertThat(answer.json().get("error").asString())
        .isEqualTo("the photo has more than 1048576 bytes");
  }

  @Test
  void headersThatDrip_areNotWaitedForLonger() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.2"))) {
      Thread.ofVirtual().start(() -> drip(server));
      long start = System.nanoTime();

      OipClient.Answer answer = fetched("http://127.0.0.2:%d/".formatted(server.getLocalPort()));

      assertThat(answer.json().get("error").asString())
          .isEqualTo("the photo cannot be fetched: it took longer than 2000 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
  }

  /** A header that comes letter by letter for half a minute. */
  private static void drip(ServerSocket server) {
    try (Socket socket = server.accept()) {
      OutputStream out = socket.getOutputStream();
      out.write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 60; i++) {
        out.write('a');
        out.flush();
        Thread.sleep(500);
      }
    } catch (IOException | InterruptedException e) {
      // The other side has hung up.
    }
  }

  private OipClient.Answer fetched(String url) throws Exception {
    return client.postJson(
        "/detect",
        "{\"data\":\"%s\",\"detect\":{\"*\":40}}".formatted(url.formatted(camera.port())));
  }
}
