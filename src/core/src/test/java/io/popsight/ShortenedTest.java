package io.popsight;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortenedTest {

  @Test
  void message_staysAsItIsUpToTheLimit() {
    String message = "x".repeat(Shortened.MOST_BYTES);

    assertThat(Shortened.of(message)).isEqualTo(message);
    assertThat(Shortened.of(message + "x").length()).isEqualTo(Shortened.MOST_BYTES - 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {'x', 'é', '€', 0x1f600})
  void longMessage_keepsItsStartAndItsEndAndWholeCharacters(int letter) {
    Random random = new Random(letter);
    for (int i = 0; i < 50; i++) {
      String quoted = "y".repeat(random.nextInt(5)) + Character.toString(letter).repeat(5000);

      String shortened = Shortened.of("label '%s'; 1 to 100 characters".formatted(quoted));

      assertThat(shortened)
          .startsWith("label '")
          .endsWith(Character.toString(letter) + "'; 1 to 100 characters")
          .doesNotContain("\ufffd");
      assertThat(shortened.getBytes(StandardCharsets.UTF_8).length)
          .isBetween(Shortened.MOST_BYTES - 10, Shortened.MOST_BYTES);
    }
  }
}
