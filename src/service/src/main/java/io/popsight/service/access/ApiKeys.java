package io.popsight.service.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The keys, kept as digests. Looking one up takes the same time whichever it is, or none. */
final class ApiKeys {

  private final List<ApiKey> keys = new ArrayList<>();

  /** A key that may come. */
  record ApiKey(String name, byte[] digest, Set<Role> roles, Optional<TokenBucket> bucket) {

    boolean allows(Role role) {
      return roles.contains(role) || roles.contains(Role.ADMIN);
    }
  }

  /**
   * With every key that is in force.
   *
   * @throws IllegalArgumentException naming the setting that cannot be used
   */
  ApiKeys(List<KeySettings> settings) {
    Set<String> names = new HashSet<>();
    for (KeySettings key : settings) {
      require(!key.name().isBlank() && names.add(key.name()), key, "the name is empty or taken");
      require(
          key.secret().length() >= KeySettings.SHORTEST,
          key,
          "the secret has fewer than " + KeySettings.SHORTEST + " characters");
      require(!key.roles().isEmpty(), key, "there is no role");
      require(key.rate() >= 0, key, "the rate is negative");
      keys.add(
          new ApiKey(
              key.name(),
              digest(key.secret()),
              Set.copyOf(key.roles()),
              key.rate() == 0
                  ? Optional.empty()
                  : Optional.of(new TokenBucket(key.rate(), System.nanoTime()))));
    }
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  Optional<ApiKey> find(String secret) {
    byte[] digest = digest(secret);
    Optional<ApiKey> found = Optional.empty();
    for (ApiKey key : keys) {
      if (MessageDigest.isEqual(digest, key.digest())) {
        found = Optional.of(key);
      }
    }
    return found;
  }

  private static byte[] digest(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void require(boolean condition, KeySettings key, String fault) {
    if (!condition) {
      throw new IllegalArgumentException(
          "popsight.keys: key '%s': %s".formatted(key.name(), fault));
    }
  }
}
