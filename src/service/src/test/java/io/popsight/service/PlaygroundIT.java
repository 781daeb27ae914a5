package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page at / in a real browser with a camera of its own; skipped where there is no Chromium. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.queue=64"
    })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlaygroundIT {

  private final List<String> complaints = new ArrayList<>();

  private @Nullable Chromium chromium;
  private Page page;

  @LocalServerPort private int port;

  @BeforeAll
  void open() {
    chromium = Chromium.start();
  }

  @AfterAll
  void close() {
    if (chromium != null) {
      chromium.close();
    }
  }

  @BeforeEach
  void visit() {
    visit(new Browser.NewContextOptions().setViewportSize(1280, 900));
  }

  private void visit(Browser.NewContextOptions options) {
    complaints.clear();
    page = Objects.requireNonNull(chromium).browser().newContext(options).newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate("http://localhost:" + port + "/");
  }

  @AfterEach
  void leave() {
    page.context().close();
  }

  @Test
  void photo_isShownWithWhatWasFound() {
    choose();

    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*1 WBC.*"));
    assertThat(page.locator("#boxes tbody")).containsText("RBC");
    assertThat(page.locator("#spikes button").first()).containsText("trained");
    assertThat(page.locator("#times-note"))
        .hasText("Medians of 3 answers. Both give the same boxes to the last digit.");
    assertThat(page.locator("#times thead")).containsText("onnx");
    assertThat(page.locator("#times thead")).containsText("popcount");
    // Something is drawn: the canvas has pixels of the classes' colours.
    assertThat((Integer) page.evaluate(BOX_PIXELS)).isGreaterThan(500);
    assertThat(complaints).isEmpty();
  }

  private static final String BOX_PIXELS =
      """
      () => {
        const canvas = document.getElementById("canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4) {
          n += Math.min(data[i], data[i + 1], data[i + 2]) === 64 && Math.max(data[i], data[i + 1], data[i + 2]) === 255;
        }
        return n;
      }
      """;

  /** Sliders ask nobody; what they show is what the server would have said. */
  @ParameterizedTest(name = "score {0}, IoU {1}")
  @CsvSource({"0.05,0.5", "0.05,0", "0.05,1", "0.3,0.3", "0.41,0.7", "0.62,0.11", "0.9,0.5"})
  void sliders_showWhatTheServerWouldAnswer(String score, String iou) throws Exception {
    choose();
    assertThat(page.locator("#times-note")).containsText("Medians");
    List<String> asked = new ArrayList<>();
    page.onRequest(request -> asked.add(request.url()));
    slide("#score", score);
    slide("#iou", iou);

    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://localhost:%d/v1/detect?min_score=%s&iou=%s"
                                .formatted(port, score, iou)))
                    .POST(BodyPublishers.ofByteArray(TestPhotos.cells()))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    List<?> server =
        (List<?>)
            page.evaluate(
                "body => JSON.parse(body).detections.map(d => d.label + ' ' + d.score.toFixed(3) + ' '"
                    + " + d.box.x_min.toFixed(0) + ' ' + d.box.y_min.toFixed(0))",
                response.body());
    List<?> shown =
        (List<?>)
            page.evaluate(
                "() => [...document.querySelectorAll('#boxes tbody tr')].map(row =>"
                    + " [...row.cells].slice(0, 4).map(cell => cell.textContent).join(' '))");

    assertThat(shown).isEqualTo(server);
    assertThat(asked).isEmpty();
  }

  @Test
  void labels_areToggledByKeyboard() {
    choose();
    Locator white =
        page.getByRole(
            AriaRole.BUTTON, new Page.GetByRoleOptions().setName(Pattern.compile("WBC 1")));
    white.focus();
    page.keyboard().press("Space");

    assertThat(white).hasAttribute("aria-pressed", "false");
    assertThat(white).isFocused();
    assertThat(page.locator("#boxes tbody")).not().containsText("WBC");
    assertThat(page.locator("#code")).containsText("labels=Platelets%2CRBC");
  }

  @Test
  void modelAndBackend_areChosen() {
    page.locator("#model").selectOption("popsight-street");
    page.getByText("onnx", new Page.GetByTextOptions().setExact(true)).first().click();
    page.locator("#example").click();

    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*truck.*"));
    assertThat(page.locator("#code")).containsText("model=popsight-street&backend=onnx");
    page.getByText("Python").click();
    assertThat(page.locator("#code")).containsText("urllib.request");
    assertThat(complaints).isEmpty();
  }

  @Test
  void layer_isLaidOverThePhoto() {
    choose();
    assertThat(page.locator("#times-note")).containsText("Medians");
    Locator layer = page.locator("#spikes button").nth(1);
    Object before = page.evaluate("() => document.getElementById('canvas').toDataURL()");
    layer.click();

    assertThat(layer).hasAttribute("aria-pressed", "true");
    assertThat(page.evaluate("() => document.getElementById('canvas').toDataURL()"))
        .isNotEqualTo(before);
    layer.click();
    assertThat(layer).hasAttribute("aria-pressed", "false");
    assertThat(page.evaluate("() => document.getElementById('canvas').toDataURL()"))
        .isEqualTo(before);
  }

  @Test
  void whatIsNoPhoto_isToldWhereItHappened() {
    page.locator("#files")
        .setInputFiles(new FilePayload("notes.jpg", "image/jpeg", new byte[] {1, 2, 3}));

    assertThat(page.locator("#problem"))
        .hasText("notes.jpg is not a photo that this browser can show.");
    assertThat(page.locator("#empty")).isVisible();
  }

  @Test
  void silentServer_isToldWhereItHappened() {
    page.route("**/v1/detect*", route -> route.abort());
    choose();

    assertThat(page.locator("#problem")).hasText(Pattern.compile("The server does not answer.*"));
  }

  @Test
  void severalPhotos_areKeptToChooseFrom() {
    page.locator("#files")
        .setInputFiles(
            new FilePayload[] {
              new FilePayload("one.jpg", "image/jpeg", TestPhotos.cells()),
              new FilePayload("dark.png", "image/png", TestPhotos.dark())
            });
    assertThat(page.locator("#photos button")).hasCount(2);
    assertThat(page.locator("#summary")).containsText("WBC");
    page.locator("#photos button").nth(1).click();

    assertThat(page.locator("#canvas"))
        .hasAttribute("aria-label", Pattern.compile("Photo dark\\.png.*"));
    assertThat(page.locator("#photos button").nth(1)).hasAttribute("aria-current", "true");
  }

  @Test
  void pictureWithoutAnyLabel_isNotOffered() {
    choose();
    assertThat(page.locator("#picture")).isVisible();
    for (Locator label : page.locator("#labels button").all()) {
      label.click();
    }

    assertThat(page.locator("#picture")).isHidden();
    assertThat(page.locator("#code")).isEmpty();
  }

  @Test
  void camera_isAnsweredLive() {
    openCamera();

    assertThat(page.locator("#rate"))
        .hasText(Pattern.compile("[1-9]\\d*\\.\\d frames/s · infer \\d+\\.\\d ms"));
    page.getByText("Keep this frame").click();
    assertThat(page.locator("#rate")).isHidden();
    assertThat(page.locator("#times-note")).containsText("Medians");
    assertThat(complaints).isEmpty();
  }

  /** A slow finger: frames are answered between its press and its release. */
  @Test
  void labelOfLiveCamera_isToggledByASlowPress() {
    openCamera();
    moveTo("#labels button");
    page.mouse().down();
    awaitFrames();
    page.mouse().up();

    assertThat(page.locator("#labels button").first()).hasAttribute("aria-pressed", "false");
  }

  @Test
  void boxLookedAt_goesWithItsFrame() {
    openCamera();
    page.evaluate(
        """
        () => {
          const box = { x_min: 100, y_min: 100, x_max: 500, y_max: 400 };
          window.found = [{ label: "RBC", class_id: 1, score: 0.9, box }];
          window.fetch = async () => {
            await new Promise((done) => setTimeout(done, 10));
            return Response.json({ detections: window.found, timings_ms: { infer: 1 } });
          };
        }
        """);
    assertThat(page.locator("#summary")).hasText("Found 1 RBC.");
    moveTo("#boxes tbody tr");
    assertThat((Integer) page.evaluate(BOX_PIXELS)).isGreaterThan(500);
    page.evaluate("() => { window.found = []; }");
    assertThat(page.locator("#summary")).hasText("Nothing found at this score.");

    assertThat(page.evaluate(BOX_PIXELS)).isEqualTo(0);
  }

  @Test
  void cameraClickedTwice_isOpenedOnceAndClosed() {
    page.evaluate(
        """
        () => {
          window.tracks = [];
          const allowed = new Promise((allow) => { window.allow = allow; });
          const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => {
            await allowed;
            const stream = await open(wanted);
            window.tracks.push(...stream.getTracks());
            return stream;
          };
        }
        """);
    page.context().grantPermissions(List.of("camera"));
    page.locator("#camera").dblclick();
    page.evaluate("() => window.allow()");
    assertThat(page.locator("#camera")).hasText("Stop camera");
    assertThat(page.evaluate("() => window.tracks.length")).isEqualTo(1);
    page.locator("#camera").click();

    assertThat(page.locator("#camera")).hasText("Camera");
    assertThat(page.evaluate("() => window.tracks.map(track => track.readyState)"))
        .isEqualTo(List.of("ended"));
  }

  @Test
  void cameraStartedAnew_isNotStoppedByAnOldAnswer() {
    page.evaluate(
        """
        () => {
          const ask = window.fetch;
          window.fetch = () => new Promise((_, fail) => { Object.assign(window, { fail, fetch: ask }); });
        }
        """);
    page.context().grantPermissions(List.of("camera"));
    page.locator("#camera").click();
    page.waitForFunction("() => window.fail !== undefined");
    page.locator("#camera").click();
    page.locator("#camera").click();
    awaitFrames();
    page.evaluate("() => window.fail(new Error('too late'))");

    awaitFrames();
    assertThat(page.locator("#camera")).hasText("Stop camera");
  }

  @Test
  void pastedText_leavesTheCameraOn() {
    openCamera();
    page.evaluate(
        """
        () => {
          const text = new DataTransfer();
          text.setData("text/plain", "words");
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: text, bubbles: true }));
        }
        """);

    assertThat(page.locator("#camera")).hasText("Stop camera");
    awaitFrames();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"LIGHT", "DARK"})
  void page_hasNothingThatAxeMinds(ColorScheme scheme) {
    visit(new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(1280, 900));
    assertNoViolations();
    choose();
    assertThat(page.locator("#times-note")).containsText("Medians");
    assertNoViolations();
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(
                Chromium.PICTURES.resolve(
                    scheme.name().toLowerCase(java.util.Locale.ROOT) + ".png"))
            .setFullPage(true));
  }

  @Test
  void phone_scrollsInOneDirectionOnly() {
    visit(new Browser.NewContextOptions().setViewportSize(390, 844).setDeviceScaleFactor(2));
    choose();
    assertThat(page.locator("#times-note")).containsText("Medians");

    assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(390);
    assertNoViolations();
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(Chromium.PICTURES.resolve("phone.png"))
            .setFullPage(true));
  }

  @Test
  void page_loadsNothingFromElsewhereAndNoInlineScript() throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/")).build(),
                HttpResponse.BodyHandlers.ofString());

    assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'")
        .doesNotContain("unsafe", "http");
    assertThat(response.body()).doesNotContain("style=", "onclick", "http://", "https://");
  }

  private void assertNoViolations() {
    assertThat(
            new AxeBuilder(page)
                .analyze().getViolations().stream()
                    .map(v -> v.getId() + ": " + v.getHelp() + " " + v.getNodes()))
        .isEmpty();
  }

  private void choose() {
    page.locator("#files")
        .setInputFiles(new FilePayload("cells.jpg", "image/jpeg", TestPhotos.cells()));
  }

  private void openCamera() {
    page.context().grantPermissions(List.of("camera"));
    page.locator("#camera").click();
    awaitFrames();
  }

  /** The camera asks again when an answer is shown, so with the second the first is. */
  private void awaitFrames() {
    for (int i = 0; i < 2; i++) {
      page.waitForResponse("**/v1/detect*", () -> {});
    }
  }

  /** Looks and moves at once: Playwright would wait for the element to be still. */
  private void moveTo(String selector) {
    List<?> middle =
        (List<?>)
            page.evaluate(
                """
                selector => {
                  const box = document.querySelector(selector).getBoundingClientRect();
                  return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
                }
                """,
                selector);
    page.mouse().move((Integer) middle.get(0), (Integer) middle.get(1));
  }

  private void slide(String slider, String value) {
    page.locator(slider).fill(value);
  }
}
