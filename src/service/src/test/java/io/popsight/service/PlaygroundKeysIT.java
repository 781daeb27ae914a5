package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;

/** The page at / where keys are set, on a phone. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "popsight.models=../../models",
      "popsight.default-model=popsight-cells",
      "popsight.keys[0].name=phone",
      "popsight.keys[0].secret=" + PlaygroundKeysIT.PHONE,
      "popsight.keys[1].name=slow",
      "popsight.keys[1].secret=" + PlaygroundKeysIT.SLOW,
      "popsight.keys[1].rate=0.001"
    })
class PlaygroundKeysIT extends InPlayground {

  static final String PHONE = "the-key-of-a-phone";
  static final String SLOW = "the-key-of-a-slow-phone";

  @Override
  Browser.NewContextOptions screen() {
    return new Browser.NewContextOptions().setViewportSize(360, 640);
  }

  @Test
  void key_isAskedForBelowWhatIsWrong() {
    assertThat(page.locator("#problem")).hasText("This server wants an API key.");
    assertThat(page.locator("#again")).isHidden();
    assertThat(page.locator("#key")).isInViewport();
    assertThat(page.getByText("Metrics")).isHidden();
    assertNoViolations();
    choose();
    assertThat(page.locator("#problem")).hasText("This server wants an API key.");
    assertThat(page.locator("#canvas")).isVisible();
    use("the-key-of-nobody");
    assertThat(page.locator("#problem")).hasText("the key is not known");
    use(PHONE);

    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*"));
    assertThat(page.locator("#problem")).isHidden();
    assertThat(page.getByText("Metrics")).isHidden();
    assertThat(page.locator("#code")).containsText("$POPSIGHT_KEY");
  }

  @Test
  void keyThatNoHeaderCarries_isRefusedInItsOwnWords() {
    assertThat(page.locator("#key")).isVisible();
    use("the–key–of–a–phone");

    assertThat(page.locator("#problem"))
        .hasText("An API key cannot have a “–” in it. Was it changed by the keyboard?");
    use(PHONE);
    assertThat(page.locator("#problem")).isHidden();
    assertThat(page.locator("#labels button")).hasCount(3);
  }

  /** Its rate lets one photo in. */
  @Test
  void rateUsedUp_takesNothingFromTheAnswer() {
    assertThat(page.locator("#key")).isVisible();
    use(SLOW);
    choose();
    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*"));
    page.locator("#compare").click();

    assertThat(page.locator("#times-note")).hasText("the key 'slow' has used up its rate");
    assertThat(page.locator("#summary")).hasText(Pattern.compile("Found .*"));
    assertThat(page.locator("#problem")).isHidden();
  }

  private void use(String key) {
    page.locator("#key").fill(key);
    page.locator("#key").press("Enter");
  }
}
