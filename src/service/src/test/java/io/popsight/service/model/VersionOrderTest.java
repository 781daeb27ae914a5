package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VersionOrderTest {

  @Test
  void numbers_countAsNumbers() {
    assertThat(
            Stream.of("10", "1.10", "9", "1", "1.9", "1.9.1", "v2", "1.9-b", "2026.11")
                .sorted(VersionOrder.OLDEST_FIRST))
        .containsExactly("1", "1.9", "1.9-b", "1.9.1", "1.10", "9", "10", "2026.11", "v2");
  }

  @Test
  void spellingsOfOneNumber_stayTwoVersions() {
    assertThat(VersionOrder.OLDEST_FIRST.compare("1.0", "1.00")).isNotZero();
  }
}
