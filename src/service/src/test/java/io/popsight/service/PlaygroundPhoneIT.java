package io.popsight.service;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.FilePayload;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page at / in a hand: small, on a line that is slow and comes and goes. */
class PlaygroundPhoneIT extends InPlayground {

  @Override
  Browser.NewContextOptions screen() {
    return new Browser.NewContextOptions()
        .setViewportSize(360, 640)
        .setDeviceScaleFactor(2)
        .setIsMobile(true)
        .setHasTouch(true);
  }

  @Test
  void photoChosenWithoutAnyListing_isShownAndAnsweredOnceThereIsOne() {
    page.route("**/v1/models", Route::abort);
    page.reload();
    assertThat(page.locator("#problem")).hasText(SILENT);
    choose();

    assertThat(page.locator("#canvas")).isVisible();
    assertThat(page.locator("#summary")).isEmpty();
    assertThat(page.locator("#problem")).hasText(SILENT);
    page.unroute("**/v1/models");
    page.locator("#again").click();
    assertFound();
    assertThat(page.locator("#problem")).isHidden();
    assertThat(page.locator("#again")).isHidden();
  }

  @Test
  void photoThatWasLongOnItsWay_isSentOnceUnlessBackendsAreToBeCompared() {
    page.evaluate(
        """
        () => {
          const ask = window.fetch;
          window.sent = 0;
          window.fetch = async (...asked) => {
            window.sent += 1;
            if (window.sent === 1) {
              await new Promise((done) => setTimeout(done, 1500));
            }
            return ask(...asked);
          };
        }
        """);
    choose();
    assertThat(page.locator("#spikes button").first()).containsText("trained");
    assertThat(page.locator("#times-note")).hasText("Of one answer, spike maps included.");
    assertThat(page.evaluate("() => window.sent")).isEqualTo(1);
    page.locator("#compare").click();

    assertThat(page.locator("#times-note")).containsText("Medians of 3 answers.");
    assertThat(page.evaluate("() => window.sent")).isEqualTo(7);
  }

  @Test
  void serverGoneAfterTheAnswer_isToldBesideTheTimes() {
    page.route(
        Pattern.compile("/v1/detect"),
        route -> {
          if (route.request().url().contains("explain")) {
            route.resume();
          } else {
            route.abort();
          }
        });
    choose();
    assertFound();
    page.locator("#compare").click();

    assertThat(page.locator("#times-note")).hasText(SILENT);
    assertFound();
    assertThat(page.locator("#problem")).isHidden();
  }

  @Test
  void failedAnswer_isAskedForAgain() {
    page.route("**/v1/detect*", Route::abort);
    choose();
    assertThat(page.locator("#problem")).hasText(SILENT);
    assertThat(page.locator("#again")).isInViewport();
    assertNoViolations();
    page.unroute("**/v1/detect*");
    page.locator("#again").click();

    assertFound();
    assertThat(page.locator("#problem")).isHidden();
  }

  @Test
  void answerOfAnotherModel_goesWhileThisOneIsAsked() {
    choose();
    awaitComparison();
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }");
    page.locator("#model").selectOption("popsight-street");

    assertThat(page.locator("#summary")).hasText("Looking …");
    assertThat(page.locator("#spikes button")).hasCount(0);
    assertThat(page.locator("#times")).isHidden();
    assertThat(page.locator("#times-note")).hasText("Shown once a photo has been answered.");
  }

  @Test
  void filesThatAreNoPhotos_areAllNamedBesideTheOneThatIs() {
    choose(
        new FilePayload("broken.jpg", "image/jpeg", new byte[] {1, 2, 3}),
        new FilePayload("cells.jpg", "image/jpeg", TestPhotos.cells()),
        new FilePayload("text.jpg", "image/jpeg", new byte[] {'t', 'e', 'x', 't'}));

    assertThat(page.locator("#refused"))
        .hasText("broken.jpg and text.jpg are not photos that this browser can show.");
    assertFound();
    assertThat(page.locator("#refused")).isVisible();
    choose();
    assertThat(page.locator("#refused")).isHidden();
  }

  @Test
  void photosNotOnShow_areNotHeldDecoded() {
    page.evaluate(
        """
        () => {
          const decode = window.createImageBitmap;
          window.bitmaps = [];
          window.createImageBitmap = async (...from) => {
            const bitmap = await decode(...from);
            window.bitmaps.push(bitmap);
            return bitmap;
          };
        }
        """);
    FilePayload cells = new FilePayload("cells.jpg", "image/jpeg", TestPhotos.cells());
    choose(cells, cells, cells);
    assertThat(page.locator("#photos button")).hasCount(3);
    assertFound();
    page.locator("#photos button").nth(2).click();
    assertThat(page.locator("#photos button").nth(2)).hasAttribute("aria-current", "true");

    // One that was closed has no width.
    assertThat(page.evaluate("() => window.bitmaps.filter(({ width }) => width > 0).length"))
        .isEqualTo(1);
  }

  @Test
  void photoTakenUpright_hasAnUprightThumbnail() throws IOException {
    FilePayload upright = new FilePayload("upright.jpg", "image/jpeg", blackAboveWhite());
    choose(upright, upright);
    assertThat(page.locator("#photos canvas")).hasCount(2);

    assertThat(
            (List<?>)
                page.evaluate(
                    """
                    () => {
                      const canvas = document.querySelector("#photos canvas");
                      const shade = (y) =>
                          canvas.getContext("2d").getImageData(canvas.width / 2, y, 1, 1).data[0] > 128;
                      return [shade(4), shade(canvas.height - 4)];
                    }
                    """))
        .isEqualTo(List.of(false, true));
  }

  @Test
  void page_scrollsInOneDirectionOnly() {
    visit(new Browser.NewContextOptions().setViewportSize(390, 844).setDeviceScaleFactor(2));
    choose();
    awaitComparison();

    assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(390);
    assertNoViolations();
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(Chromium.PICTURES.resolve("phone.png"))
            .setFullPage(true));
  }

  @ParameterizedTest(name = "text of {0} px, a label of {1}")
  @CsvSource({"32, WBC", "16, Donaudampfschifffahrtsgesellschaftskapitaenskajuetenschluessel_0001"})
  void longWords_scrollInOneDirectionOnly(int pixels, String label) {
    page.route(
        Pattern.compile("/v1/"),
        route -> {
          APIResponse answer = route.fetch();
          route.fulfill(
              new Route.FulfillOptions()
                  .setResponse(answer)
                  .setBody(answer.text().replace("\"WBC\"", "\"" + label + "\"")));
        });
    page.reload();
    page.evaluate("pixels => { document.documentElement.style.fontSize = `${pixels}px`; }", pixels);
    choose();
    awaitComparison();

    assertThat(page.locator("#summary")).containsText(label);
    assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(360);
  }

  @ParameterizedTest(name = "{0} px wide")
  @ValueSource(ints = {360, 1280})
  void sections_areInTheOrderOfFocus(int width) {
    visit(new Browser.NewContextOptions().setViewportSize(width, 800));
    List<?> tops =
        (List<?>)
            page.evaluate(
                """
                () => [...document.querySelectorAll("section")]
                    .map((section) => section.getBoundingClientRect())
                    .filter(({ left }) => left < 100)
                    .map(({ top }) => top)
                """);

    assertThat(tops).hasSize(width == 360 ? 5 : 3);
    assertThat(tops.stream().map(top -> ((Number) top).doubleValue()).toList()).isSorted();
  }

  /** As a browser has it at http://192.168.1.2:8080. */
  @Test
  void code_isCopiedWithoutAClipboardToo() {
    page.evaluate(
        """
        () => {
          Object.defineProperty(navigator, "clipboard", { value: undefined });
          document.addEventListener("copy", () => { window.copied = getSelection().toString(); });
        }
        """);
    Locator code = page.locator("#code");
    assertThat(code).containsText("popsight-cells");
    page.locator("#copy").click();

    assertThat(page.locator("#copy")).hasText("Copied");
    assertThat(page.evaluate("() => window.copied")).isEqualTo(code.textContent());
  }

  /** As cameras write it: the pixels lie on their side, a tag says so. */
  private static byte[] blackAboveWhite() throws IOException {
    BufferedImage lying = new BufferedImage(400, 300, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = lying.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(200, 0, 200, 300);
    pen.dispose();
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(lying, "jpg", jpeg);
    byte[] exif =
        HexFormat.of()
            .parseHex(
                "ffe10022457869660000"
                    + "4d4d002a00000008"
                    + "0001011200030000000100060000"
                    + "00000000");
    ByteArrayOutputStream turned = new ByteArrayOutputStream();
    turned.write(jpeg.toByteArray(), 0, 2);
    turned.writeBytes(exif);
    turned.write(jpeg.toByteArray(), 2, jpeg.size() - 2);
    return turned.toByteArray();
  }
}
