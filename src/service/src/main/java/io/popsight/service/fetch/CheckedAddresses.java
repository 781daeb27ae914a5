package io.popsight.service.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks names up for the client that connects, so that the address which was checked is the one
 * that is asked, whatever the name says a moment later; redirects come here too.
 */
final class CheckedAddresses implements DnsResolver {

  private final List<AddressRange> allowed;

  CheckedAddresses(List<AddressRange> allowed) {
    this.allowed = allowed;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses =
        Arrays.stream(InetAddress.getAllByName(host))
            .filter(a -> AddressRange.isPublic(a) || allowed.stream().anyMatch(n -> n.contains(a)))
            .toArray(InetAddress[]::new);
    if (addresses.length == 0) {
      throw new UnknownHostException(
          host + " is neither public nor in popsight.url-fetch.allowed-networks");
    }
    return addresses;
  }

  @Override
  public String resolveCanonicalHostname(String host) throws UnknownHostException {
    return host;
  }
}
