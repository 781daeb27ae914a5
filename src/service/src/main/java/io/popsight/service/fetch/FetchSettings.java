package io.popsight.service.fetch;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;

/**
 * {@code popsight.url-fetch.NAME}.
 *
 * @param enabled whether a request may name a photo by its URL
 * @param timeout for one photo, from the name look-up to the last byte
 * @param allowedNetworks networks such as {@code 192.168.1.0/24} that are asked although they are
 *     not public: where the cameras are
 */
public record FetchSettings(
    @DefaultValue("false") boolean enabled,
    @DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout,
    @DefaultValue List<String> allowedNetworks) {

  /** Copies the list. */
  public FetchSettings {
    allowedNetworks = List.copyOf(allowedNetworks);
  }
}
