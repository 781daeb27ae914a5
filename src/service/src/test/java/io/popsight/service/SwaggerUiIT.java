package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Swagger UI in a real browser; skipped where there is no Chromium. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.default-model=popsight-cells"})
class SwaggerUiIT {

  @LocalServerPort private int port;

  @Test
  void operations_areShownAndCanBeTriedOut() {
    List<String> errors = new ArrayList<>();
    try (Chromium chromium = Chromium.start()) {
      Page page =
          chromium
              .browser()
              .newContext(new Browser.NewContextOptions().setViewportSize(1280, 1200))
              .newPage();
      page.onPageError(errors::add);
      page.onConsoleMessage(
          message -> {
            if (message.type().equals("error")) {
              errors.add(message.text());
            }
          });
      page.navigate("http://localhost:" + port + "/swagger-ui/");
      Locator models = page.locator("#operations-default-models");

      assertThat(page.locator(".opblock")).hasCount(5);
      models.locator(".opblock-summary-control").click();
      models.locator(".try-out__btn").click();
      models.locator(".execute").click();

      assertThat(models.locator(".live-responses-table .response-col_status").last())
          .hasText(Pattern.compile("200.*"));
      assertThat(models.locator(".live-responses-table .response-col_description").last())
          .containsText("popsight-cells");
      page.screenshot(
          new Page.ScreenshotOptions()
              .setPath(Chromium.PICTURES.resolve("swagger-ui.png"))
              .setFullPage(true));
    }
    assertThat(errors).isEmpty();
  }
}
