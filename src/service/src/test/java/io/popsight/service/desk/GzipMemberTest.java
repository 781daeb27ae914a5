package io.popsight.service.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GzipMemberTest {

  @Test
  void member_isUnpacked() throws IOException {
    assertThat(unpacked(packed(100_000, 1))).hasSize(100_000);
  }

  @ParameterizedTest
  @CsvSource({"0, 100000", "1, 100000", "1000, 2"})
  void furtherMember_isRefused(int bytes, int members) {
    assertThatThrownBy(() -> unpacked(packed(bytes, members)))
        .isInstanceOf(ZipException.class)
        .hasMessage("more than one member");
  }

  private static byte[] unpacked(byte[] packed) throws IOException {
    try (GzipMember member = new GzipMember(new ByteArrayInputStream(packed))) {
      return member.readAllBytes();
    }
  }

  private static byte[] packed(int bytes, int members) throws IOException {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(member)) {
      out.write(new byte[bytes]);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < members; i++) {
      member.writeTo(all);
    }
    return all.toByteArray();
  }
}
