package io.popsight.service.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Base64TextTest {

  private final byte[] bytes = new byte[1000];

  Base64TextTest() {
    new Random(5).nextBytes(bytes);
  }

  @Test
  void text_isTheBytes_inLinesAndAsADataUrlToo() {
    String text = Base64.getEncoder().encodeToString(bytes);

    assertThat(Base64Text.decode(text)).isEqualTo(bytes);
    assertThat(Base64Text.decode("data:image/jpeg;base64," + text)).isEqualTo(bytes);
    assertThat(Base64Text.decode(Base64.getMimeEncoder().encodeToString(bytes) + "\r\n"))
        .isEqualTo(bytes);
  }

  @Test
  void photo_isItselfOrItsText() {
    byte[] text = Base64.getMimeEncoder().encode(bytes);

    assertThat(Base64Text.photo(bytes)).isSameAs(bytes);
    assertThat(Base64Text.photo(text)).isEqualTo(bytes);
    assertThatThrownBy(() -> Base64Text.photo("hello".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"!!!!", "a", "AAAA-AAA", "AA==AA==", "\u4e2d\u4e2d\u4e2d\u4e2d"})
  void whatIsNoBase64_isRefused(String text) {
    assertThatThrownBy(() -> Base64Text.decode(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
