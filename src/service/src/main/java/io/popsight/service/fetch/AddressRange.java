package io.popsight.service.fetch;

import java.net.InetAddress;
import java.util.List;

/** A range of addresses, {@code ADDRESS/BITS}. */
record AddressRange(byte[] prefix, int bits) {

  /**
   * What is not the public internet (IANA's special-purpose registries), or hides something else.
   */
  private static final List<AddressRange> SPECIAL =
      List.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/3",
              "::/96",
              "64:ff9b::/32",
              "100::/64",
              "2001::/23",
              "2001:db8::/32",
              "2002::/16",
              "fc00::/7",
              "fe80::/9",
              "ff00::/8")
          .stream()
          .map(AddressRange::of)
          .toList();

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is not a literal address and a number of its bits
   */
  static AddressRange of(String text) {
    String[] parts = text.split("/", -1);
    try {
      if (parts.length == 2) {
        byte[] prefix = InetAddress.ofLiteral(parts[0]).getAddress();
        int bits = Integer.parseInt(parts[1]);
        if (bits >= 0 && bits <= 8 * prefix.length) {
          return new AddressRange(prefix, bits);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(notOne(text), e);
    }
    throw new IllegalArgumentException(notOne(text));
  }

  private static String notOne(String text) {
    return "popsight.url-fetch.allowed-networks: '%s' is not like 192.168.1.0/24".formatted(text);
  }

  static boolean isPublic(InetAddress address) {
    return SPECIAL.stream().noneMatch(network -> network.contains(address));
  }

  boolean contains(InetAddress address) {
    byte[] other = address.getAddress();
    if (other.length != prefix.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((other[bit >> 3] & mask) != (prefix[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }
}
