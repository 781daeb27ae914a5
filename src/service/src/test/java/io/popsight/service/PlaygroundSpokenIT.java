package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.ForcedColors;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The page at / for those who hear it, and who have a keyboard alone. */
class PlaygroundSpokenIT extends InPlayground {

  @Override
  Browser.NewContextOptions screen() {
    return new Browser.NewContextOptions().setViewportSize(1280, 900);
  }

  @Test
  void listingThatFailsAgain_isToldAgain() {
    page.route("**/v1/models", Route::abort);
    page.reload();
    assertThat(page.locator("#problem")).hasText(SILENT);
    listen();
    page.locator("#again").click();

    awaitSpoken(SILENT);
  }

  @Test
  void pictureThatFailsAgain_isToldAgainUntilOneIsSaved() {
    choose();
    awaitComparison();
    page.route("**/v1/detect*", Route::abort);
    page.locator("#picture").click();
    assertThat(page.locator("#problem")).hasText(SILENT);
    listen();
    page.locator("#picture").click();
    awaitSpoken(SILENT);
    page.unroute("**/v1/detect*");
    page.waitForDownload(() -> page.locator("#picture").click());

    assertThat(page.locator("#problem")).isHidden();
  }

  @Test
  void exampleThatFailsAgain_isToldAgainInOurWords() {
    page.route("**/playground/example*", Route::abort);
    page.locator("#example").click();
    assertThat(page.locator("#problem")).hasText(SILENT);
    listen();
    page.locator("#example").click();

    awaitSpoken(SILENT);
  }

  @Test
  void cameraThatFailsAgain_isToldAgain() {
    page.evaluate(
        """
        () => {
          navigator.mediaDevices.getUserMedia = async () => {
            throw new DOMException("no", "NotFoundError");
          };
        }
        """);
    page.locator("#camera").click();
    assertThat(page.locator("#problem")).hasText("There is no camera here.");
    listen();
    page.locator("#camera").click();

    awaitSpoken("There is no camera here.");
  }

  /** Of two labels that change places as the best one frame by frame, too. */
  @Test
  void liveCamera_isSilentAndKeepsTheOrderOfItsLabels() {
    page.evaluate(
        """
        () => {
          const place = (x_min) => ({ x_min, y_min: 100, x_max: x_min + 100, y_max: 200 });
          const red = { label: "RBC", class_id: 1, box: place(100) };
          const white = { label: "WBC", class_id: 2, box: place(300) };
          window.summaries = new Set();
          window.fetch = async () => {
            window.summaries.add(document.getElementById("summary").textContent);
            await new Promise((done) => setTimeout(done, 10));
            window.answers += 1;
            const [best, second] = window.answers % 2 ? [red, white] : [white, red];
            const detections = [{ ...best, score: 0.9 }, { ...second, score: 0.8 }];
            return Response.json({ detections: detections.slice(0, window.most), timings_ms: { infer: 1 } });
          };
          Object.assign(window, { answers: 0, most: 2 });
        }
        """);
    page.context().grantPermissions(List.of("camera"));
    page.locator("#camera").click();
    assertThat(page.locator("#summary")).hasText("Found 1 RBC, 1 WBC.");
    listen();
    page.evaluate("() => Object.assign(window, { most: 1, summaries: new Set() })");
    page.waitForFunction("() => window.summaries.has('Found 1 RBC.')");
    page.evaluate("() => Object.assign(window, { most: 2, answers: 0 })");
    page.waitForFunction("() => window.answers > 9");

    assertThat(page.evaluate("() => window.summaries.has('Found 1 WBC, 1 RBC.')")).isEqualTo(false);
    assertThat(spoken()).isEmpty();
  }

  @Test
  void photoAfterTheCamera_isReadOut() {
    openCamera();
    page.locator("#camera").click();
    listen();
    choose();

    assertFound();
    assertThat(spoken()).contains(page.locator("#summary").textContent());
  }

  @Test
  void photo_goesByItsOwnNameBeforeItsAnswer() {
    choose(new FilePayload("one.jpg", "image/jpeg", TestPhotos.cells()));
    assertFound();
    String found = page.locator("#summary").textContent();
    assertThat(page.locator("#canvas")).hasAttribute("aria-label", "Photo one.jpg. " + found);
    page.route("**/v1/detect*", Route::abort);
    choose(new FilePayload("two.jpg", "image/jpeg", TestPhotos.cells()));

    assertThat(page.locator("#problem")).hasText(SILENT);
    assertThat(page.locator("#canvas")).hasAttribute("aria-label", "Photo two.jpg.");
  }

  @Test
  void answerWithoutBoxes_isNoAnswerYetToCome() {
    assertThat(page.locator("#found-empty")).hasText("Nothing yet.");
    choose();
    assertFound();
    page.locator("#score").fill("0.95");
    assertThat(page.locator("#boxes")).isHidden();

    assertThat(page.locator("#found-empty")).hasText("Nothing found at this score.");
  }

  @Test
  void exampleByKeyboard_leavesTheFocusOnWhatIsFound() {
    page.locator("#example").press("Enter");
    assertFound();

    assertThat(page.locator("#summary")).isFocused();
  }

  @Test
  void frameKeptByKeyboard_leavesTheFocusOnWhatIsFound() {
    openCamera();
    page.locator("#shot").press("Enter");
    assertThat(page.locator("#camera")).hasText("Camera");

    assertThat(page.locator("#summary")).isFocused();
  }

  @Test
  void buttonThatGoesWithTheAnswer_leavesTheFocusOnTheNext() {
    choose();
    awaitComparison();
    page.locator("#picture").focus();
    page.route("**/v1/detect*", Route::abort);
    choose();
    assertThat(page.locator("#problem")).hasText(SILENT);

    assertThat(page.locator("#summary")).isFocused();
  }

  @Test
  void boxOfARow_isFoundByKeyboard() {
    choose();
    awaitComparison();
    Object before = picture();
    page.locator("#found .scroll").focus();
    page.keyboard().press("Tab");
    assertThat(page.locator("#boxes tbody tr").first()).isFocused();
    Object first = picture();
    page.keyboard().press("ArrowDown");
    assertThat(page.locator("#boxes tbody tr").nth(1)).isFocused();
    Object second = picture();
    assertNoViolations();
    page.keyboard().press("ArrowUp");
    assertThat(page.locator("#boxes tbody tr").first()).isFocused();
    assertThat(picture()).isEqualTo(first);
    page.keyboard().press("Shift+Tab");

    assertThat(page.locator("#found .scroll")).isFocused();
    assertThat(Set.of(before, first, second)).hasSize(3);
    assertThat(picture()).isEqualTo(before);
  }

  private Object picture() {
    return page.evaluate("() => document.getElementById('canvas').toDataURL()");
  }

  @Test
  void photo_isReadOutWithoutItsTimesUntilTheyAreAskedFor() {
    // However slow, backends are compared unasked.
    page.evaluate("() => { performance.now = () => 0; }");
    listen();
    choose();
    assertThat(page.locator("#times-note")).containsText("Medians");
    String found = page.locator("#summary").textContent();
    assertThat(spoken()).contains(found).isSubsetOf("Looking …", found);
    listen();
    page.locator("#compare").click();
    awaitSpoken(
        "Asking both backends …",
        "Medians of 3 answers. Both give the same boxes to the last digit.");
    listen();
    choose();
    assertThat(page.locator("#photos button").nth(1)).hasAttribute("aria-current", "true");
    assertThat(page.locator("#times-note")).containsText("Medians");

    assertThat(spoken()).contains(found).isSubsetOf("Looking …", found);
  }

  /** A slider's own value is read out as it moves. */
  @Test
  void valuesBesideSliders_areNotReadOutOnceMore() {
    listen();
    page.locator("#score").press("ArrowRight");
    page.locator("#iou").press("ArrowRight");

    assertThat(page.locator("#score-value")).not().hasText("0.30");
    assertThat(spoken()).isEmpty();
  }

  @Test
  void copy_isReadOutAndWhatIsToBeDoneStays() {
    page.clock().install();
    page.evaluate(
        """
        () => {
          Object.defineProperty(navigator, "clipboard", { value: undefined });
          document.execCommand = () => window.copies;
          window.copies = true;
        }
        """);
    listen();
    page.locator("#copy").click();
    awaitSpoken("Copied");
    page.evaluate("() => { window.copies = false; }");
    page.locator("#copy").click();
    awaitSpoken("Copied", "Press Ctrl+C");
    page.clock().fastForward(5000);

    assertThat(page.locator("#copy")).hasText("Press Ctrl+C");
    page.evaluate("() => { window.copies = true; }");
    page.locator("#copy").click();
    page.clock().fastForward(5000);
    assertThat(page.locator("#copy")).hasText("Copy");
    assertThat(spoken()).isEqualTo(List.of("Copied", "Press Ctrl+C", "Copied"));
  }

  @Test
  void focusOnTheFiles_isShownOnTheirButtonAlone() {
    page.locator("nav a").last().focus();
    page.keyboard().press("Tab");

    assertThat(page.locator("#files")).isFocused();
    assertThat(page.locator("label[for=files]")).hasCSS("outline-style", "solid");
    assertThat(page.locator("#camera")).hasCSS("outline-style", "none");
  }

  @Test
  void whatIsChosen_isSeenWithTheReadersOwnColours() {
    visit(screen().setForcedColors(ForcedColors.ACTIVE));
    choose();
    choose();
    awaitComparison();
    page.locator("#spikes button").first().click();

    assertThat(page.locator("#spikes button").first()).hasCSS("border-top-width", "3px");
    assertThat(page.locator("#spikes button").nth(1)).hasCSS("border-top-width", "1px");
    assertThat(page.locator("#photos [aria-current=true]")).hasCSS("border-top-width", "3px");
    assertThat(page.locator("#photos [aria-current=false]")).hasCSS("border-top-width", "1px");
    assertThat(page.locator("#backends label:has(:checked)")).hasCSS("border-top-width", "3px");
    assertThat(
            page.evaluate(
                """
                () => new Set([...document.querySelectorAll("#labels .swatch")]
                    .map((swatch) => getComputedStyle(swatch).backgroundColor)).size
                """))
        .isEqualTo(3);
  }

  /** Its name says what it does next; "Stop camera, pressed" would be both. */
  @Test
  void cameraButton_saysItsStateOnce() {
    openCamera();

    assertThat(page.locator("#camera")).hasText("Stop camera");
    assertThat(page.locator("#camera[aria-pressed]")).hasCount(0);
  }

  /** Keeps what is read out from here on: what is new in places that are live, and is shown. */
  private void listen() {
    page.evaluate(
        """
        () => {
          window.spoken = [];
          const places = [...document.querySelectorAll("[role=status], [role=alert], output")];
          const shown = (place) => (place.checkVisibility() ? place.textContent : "");
          const last = new Map(places.map((place) => [place, shown(place)]));
          window.listener?.disconnect();
          window.listener = new MutationObserver(() => {
            for (const place of places) {
              const words = shown(place);
              if (words !== last.get(place) && words !== "" && place.ariaLive !== "off") {
                window.spoken.push(words);
              }
              last.set(place, words);
            }
          });
          window.listener.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        }
        """);
  }

  private List<Object> spoken() {
    return List.copyOf((List<?>) page.evaluate("() => window.spoken"));
  }

  private void awaitSpoken(String... words) {
    page.waitForFunction("n => window.spoken.length >= n", words.length);
    assertThat(spoken()).isEqualTo(List.of(words));
  }
}
