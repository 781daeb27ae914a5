package io.popsight.service.access;

import io.popsight.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The keys, kept as digests. Looking one up takes the same time whichever it is, or none. */
final class ApiKeys {

  private final List<KeySettings> settings;
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
   * @throws IllegalArgumentException naming the setting that cannot be used, never the secret
   */
  ApiKeys(List<KeySettings> settings, List<KeySettings> ofFile) {
    this(settings, ofFile, List.of());
  }

  private ApiKeys(List<KeySettings> settings, List<KeySettings> ofFile, List<ApiKey> before) {
    this.settings = List.copyOf(settings);
    settings.forEach(key -> add("popsight.keys", key, before));
    ofFile.forEach(key -> add("popsight.key-file", key, before));
  }

  /**
   * With these keys of the file instead. Who stays has no more of its rate than it had.
   *
   * @throws IllegalArgumentException naming the setting that cannot be used, never the secret
   */
  ApiKeys with(List<KeySettings> ofFile) {
    return new ApiKeys(settings, ofFile, keys);
  }

  private void add(String setting, KeySettings key, List<ApiKey> before) {
    String place = "%s (%s).".formatted(setting, key.name());
    require(!key.name().isBlank(), place + "name: want a name, got nothing");
    require(
        keys.stream().noneMatch(other -> other.name().equals(key.name())),
        place + "name: want each name once");
    require(
        key.secret().length() >= KeySettings.SHORTEST,
        place + "secret: want at least %d characters".formatted(KeySettings.SHORTEST));
    require(
        fitsAHeader(key.secret()),
        place
            + "secret: want visible ASCII, with blanks inside only: a header carries nothing else");
    require(find(key.secret()).isEmpty(), place + "secret: want another than any other key's");
    require(!key.roles().isEmpty(), place + "roles: want detect, metrics or admin, got nothing");
    require(
        key.rate() >= 0 && Double.isFinite(key.rate()),
        place + "rate: want 0 or more, got " + key.rate());
    keys.add(
        new ApiKey(
            key.name(),
            digest(key.secret()),
            Set.copyOf(key.roles()),
            key.rate() == 0 ? Optional.empty() : Optional.of(bucket(key, before))));
  }

  /** Else the key is accepted here and never known when it comes. */
  private static boolean fitsAHeader(String secret) {
    return secret.equals(secret.strip()) && secret.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private static TokenBucket bucket(KeySettings key, List<ApiKey> before) {
    return before.stream()
        .filter(other -> other.name().equals(key.name()))
        .flatMap(other -> other.bucket().stream())
        .filter(bucket -> bucket.rate() == key.rate())
        .findFirst()
        .orElseGet(() -> new TokenBucket(key.rate(), System.nanoTime()));
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
    return Sha256.of(secret.getBytes(StandardCharsets.UTF_8));
  }

  private static void require(boolean condition, String fault) {
    if (!condition) {
      throw new IllegalArgumentException(fault);
    }
  }
}
