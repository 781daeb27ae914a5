package io.popsight.service.access;

import java.util.Set;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One API key, {@code popsight.keys[N].NAME}.
 *
 * @param name stands in refusals in the key's place; callers take turns in the queue by it
 * @param secret what a caller sends, at least 16 characters of visible ASCII
 * @param roles what it opens
 * @param rate photos a second, over all callers with this key; 0 is no limit
 */
public record KeySettings(
    @DefaultValue("") String name,
    @DefaultValue("") String secret,
    @DefaultValue("detect") Set<Role> roles,
    @DefaultValue("0") double rate) {

  /** Shortest secret, in characters. */
  public static final int SHORTEST = 16;

  /** Without the secret. */
  @Override
  public String toString() {
    return "KeySettings[name=" + name + ", roles=" + roles + ", rate=" + rate + "]";
  }
}
