package io.popsight.service.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, false", "100.64.0.1, false", "100.127.255.255, false", "100.128.0.0, true",
    "172.16.0.1, false", "172.31.255.255, false", "172.32.0.0, true", "192.168.1.1, false",
    "198.19.0.1, false", "224.0.0.1, false", "255.255.255.255, false", "8.8.8.8, true",
    "fd00::1, false", "fe80::1, false", "fec0::1, false", "ff02::1, false",
    "64:ff9b::a00:1, false", "2002:a00:1::, false", "2001:db8::1, false", "2606:4700::1111, true"
  })
  void onlyPublicAddresses_areAskedUnlessAllowed(String address, boolean isPublic) {
    assertThat(AddressRange.isPublic(InetAddress.ofLiteral(address))).isEqualTo(isPublic);
  }
}
