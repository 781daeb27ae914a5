package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page at / in a real browser with a camera of its own; skipped where there is no Chromium. */
@CellsService
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InPlayground {

  static final String SILENT = "The server does not answer. Is it still running?";

  static final String BOX_PIXELS =
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

  final List<String> complaints = new ArrayList<>();

  Page page;

  @LocalServerPort int port;

  private @Nullable Chromium chromium;

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
  final void visit() {
    visit(screen());
  }

  /** What the page is looked at on. */
  abstract Browser.NewContextOptions screen();

  final void visit(Browser.NewContextOptions options) {
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

  void choose() {
    choose(new FilePayload("cells.jpg", "image/jpeg", TestPhotos.cells()));
  }

  void choose(FilePayload... files) {
    page.locator("#files").setInputFiles(files);
  }

  /**
   * A busy machine may look as if the photo had come over a slow line; then it is to be tapped for.
   */
  void awaitComparison() {
    assertThat(page.locator("#times-note")).hasText(Pattern.compile("(Medians|Of one answer).*"));
    if (page.locator("#times-note").textContent().startsWith("Of one answer")) {
      page.locator("#compare").click();
    }
    assertThat(page.locator("#times-note")).containsText("Medians");
  }

  void assertFound() {
    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*WBC.*"));
  }

  void openCamera() {
    page.context().grantPermissions(List.of("camera"));
    page.locator("#camera").click();
    awaitFrames();
  }

  /** The camera asks again when an answer is shown, so with the second the first is. */
  void awaitFrames() {
    for (int i = 0; i < 2; i++) {
      page.waitForResponse("**/v1/detect*", () -> {});
    }
  }

  void assertNoViolations() {
    assertThat(
            new AxeBuilder(page)
                .analyze().getViolations().stream()
                    .map(v -> v.getId() + ": " + v.getHelp() + " " + v.getNodes()))
        .isEmpty();
  }
}
