package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page at / on a desk. */
class PlaygroundIT extends InPlayground {

  @Override
  Browser.NewContextOptions screen() {
    return new Browser.NewContextOptions().setViewportSize(1280, 900);
  }

  @Test
  void photo_isShownWithWhatWasFound() {
    choose();

    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*1 WBC.*"));
    assertThat(page.locator("#boxes tbody")).containsText("RBC");
    assertThat(page.locator("#spikes button").first()).containsText("trained");
    awaitComparison();
    assertThat(page.locator("#times-note"))
        .hasText("Medians of 3 answers. Both give the same boxes to the last digit.");
    assertThat(page.locator("#times thead")).containsText("onnx");
    assertThat(page.locator("#times thead")).containsText("popcount");
    // Something is drawn: the canvas has pixels of the classes' colours.
    assertThat((Integer) page.evaluate(BOX_PIXELS)).isGreaterThan(500);
    assertThat(complaints).isEmpty();
  }

  /** Sliders ask nobody; what they show is what the server would have said. */
  @ParameterizedTest(name = "score {0}, IoU {1}")
  @CsvSource({"0.05,0.5", "0.05,0", "0.05,1", "0.3,0.3", "0.41,0.7", "0.62,0.11", "0.9,0.5"})
  void sliders_showWhatTheServerWouldAnswer(String score, String iou) throws Exception {
    choose();
    awaitComparison();
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
  void parts_areLookedAtWhereThatIsChosen() {
    page.locator("#files")
        .setInputFiles(new FilePayload("four.png", "image/png", TestPhotos.cellsFourTimes()));
    assertThat(page.locator("#summary")).hasText(Pattern.compile("(Found|Nothing found) .*"));
    assertThat(page.locator("#code")).not().containsText("tiles");
    int whole = page.locator("#boxes tbody tr").count();

    page.locator("#tiles").selectOption("2");

    assertThat(page.locator("#code")).containsText("tiles=2");
    assertThat(page.locator("#boxes tbody tr").nth(2 * whole)).isVisible();
  }

  @Test
  void layer_isLaidOverThePhoto() {
    choose();
    awaitComparison();
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
    choose(new FilePayload("notes.jpg", "image/jpeg", new byte[] {1, 2, 3}));

    assertThat(page.locator("#refused"))
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
    choose(
        new FilePayload("one.jpg", "image/jpeg", TestPhotos.cells()),
        new FilePayload("dark.png", "image/png", TestPhotos.dark()));
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
    assertThat(page.locator("#copy")).isHidden();
    assertThat(page.locator("#summary")).hasText("All labels are hidden.");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"LIGHT", "DARK"})
  void page_hasNothingThatAxeMinds(ColorScheme scheme) {
    visit(new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(1280, 900));
    assertNoViolations();
    choose();
    awaitComparison();
    assertNoViolations();
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(
                Chromium.PICTURES.resolve(
                    scheme.name().toLowerCase(java.util.Locale.ROOT) + ".png"))
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

  private void slide(String slider, String value) {
    page.locator(slider).fill(value);
  }
}
