package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Route;
import java.util.List;
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
