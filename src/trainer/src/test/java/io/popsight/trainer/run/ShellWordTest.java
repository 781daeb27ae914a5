package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellWordTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "data/street | data/street",
        "data.dir=/srv/a_b@c:1-2 | data.dir=/srv/a_b@c:1-2",
        "my photos | 'my photos'",
        "it's | 'it'\\''s'",
        "$HOME | '$HOME'",
        "`` | ''"
      })
  void word_isQuotedWhereAShellWouldReadItOtherwise(String value, String copied) {
    assertThat(new ShellWord(value)).hasToString(copied);
  }
}
