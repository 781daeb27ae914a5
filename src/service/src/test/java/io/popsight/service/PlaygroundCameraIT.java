package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Route;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The camera of the page at /. */
class PlaygroundCameraIT extends InPlayground {

  @Override
  Browser.NewContextOptions screen() {
    return new Browser.NewContextOptions().setViewportSize(1280, 900);
  }

  @Test
  void camera_isAnsweredLive() {
    openCamera();

    assertThat(page.locator("#rate"))
        .hasText(Pattern.compile("[1-9]\\d*\\.\\d frames/s · infer \\d+\\.\\d ms"));
    page.getByText("Keep this frame").click();
    assertThat(page.locator("#rate")).isHidden();
    awaitComparison();
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

  @Test
  void cameraWithoutAnyListing_startsOnceThereIsOne() {
    page.context().grantPermissions(List.of("camera"));
    page.route("**/v1/models", Route::abort);
    page.reload();
    page.locator("#camera").click();
    assertThat(page.locator("#problem")).hasText(SILENT);
    page.unroute("**/v1/models");
    page.locator("#again").click();

    assertThat(page.locator("#rate")).isVisible();
    assertThat(page.locator("#problem")).isHidden();
  }

  @Test
  void frame_isKeptOnceOneWasAnswered() {
    holdAnswers();
    page.context().grantPermissions(List.of("camera"));
    page.locator("#camera").click();
    page.waitForFunction("() => window.held === 1");
    assertThat(page.locator("#camera")).hasText("Stop camera");
    assertThat(page.locator("#shot")).isHidden();
    page.evaluate("() => window.release()");
    page.locator("#shot").click();

    assertThat(page.locator("#canvas"))
        .hasAttribute("aria-label", Pattern.compile("Photo camera-1\\.jpg.*"));
  }

  @Test
  void cameraThatDoesNotStart_letsThePhotoBeAnswered() {
    page.evaluate(
        """
        () => {
          navigator.mediaDevices.getUserMedia = async () => {
            throw new DOMException("no", "NotAllowedError");
          };
        }
        """);
    holdAnswers();
    choose();
    page.waitForFunction("() => window.held === 1");
    page.locator("#camera").click();
    assertThat(page.locator("#problem")).hasText("The browser was not allowed to use the camera.");
    assertThat(page.locator("#summary")).hasText("Looking …");
    page.evaluate("() => window.release()");

    assertFound();
  }

  @Test
  void cameraThatEnds_isToldAndStopped() {
    rememberStreams();
    openCamera();
    page.evaluate(
        """
        () => {
          const [track] = window.stream.getTracks();
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }
        """);

    assertThat(page.locator("#problem")).hasText("The camera stopped.");
    assertThat(page.locator("#camera")).hasText("Camera");
    assertThat(page.locator("#rate")).isHidden();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"document, hidden, visibilitychange", "window.stream.getTracks()[0], muted, unmute"})
  void cameraWithoutAPicture_asksNobody(String place, String state, String change) {
    rememberStreams();
    openCamera();
    page.evaluate(
        """
        () => {
          const ask = window.fetch;
          Object.assign(window, { open: 0, asked: 0 });
          window.fetch = async (...asked) => {
            window.open += 1;
            window.asked += 1;
            const answer = await ask(...asked);
            setTimeout(() => { window.open -= 1; }, 200);
            return answer;
          };
        }
        """);
    awaitFrames();
    page.evaluate(
        "() => Object.defineProperty(%s, '%s', { value: true, configurable: true })"
            .formatted(place, state));
    page.waitForFunction("() => window.open === 0");
    Object asked = page.evaluate("() => window.asked");
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))");
    assertThat(page.evaluate("() => window.asked")).isEqualTo(asked);
    page.evaluate(
        "() => { delete %s.%s; %s.dispatchEvent(new Event('%s')); }"
            .formatted(place, state, place, change));

    awaitFrames();
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

  /** Answers are counted and held until they are released. */
  private void holdAnswers() {
    page.evaluate(
        """
        () => {
          const ask = window.fetch;
          const released = new Promise((release) => { window.release = release; });
          window.held = 0;
          window.fetch = async (...asked) => {
            window.held += 1;
            await released;
            return ask(...asked);
          };
        }
        """);
  }

  private void rememberStreams() {
    page.evaluate(
        """
        () => {
          const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await open(wanted));
        }
        """);
  }
}
