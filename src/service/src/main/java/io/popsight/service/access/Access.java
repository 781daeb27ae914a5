package io.popsight.service.access;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;

/** Lets callers in, or not. Thread-safe. */
public final class Access {

  private static final String BEARER = "bearer ";

  private final ApiKeys keys;

  /**
   * With the keys of the settings and of a file.
   *
   * @throws IllegalArgumentException naming the setting that cannot be used
   */
  public Access(List<KeySettings> keys, Optional<Path> keyFile) {
    this.keys = new ApiKeys(keys, keyFile.map(KeyFile::new).map(KeyFile::read).orElse(List.of()));
  }

  /** Whether everybody is let in, because there is no key. */
  public boolean isOpen() {
    return keys.isEmpty();
  }

  /** What an HTTP route needs; an admin's key where it is not listed. */
  public Need http(String method, PathContainer path) {
    return Routes.ofHttp(method, path).orElse(Need.ADMIN);
  }

  /** What a gRPC method needs, {@code package.Service/Method}. */
  public Need grpc(String fullMethod) {
    return Routes.ofGrpc(fullMethod).orElse(Need.ADMIN);
  }

  /** The secret of an {@code Authorization}, if it is of that kind. */
  public static Optional<String> bearer(@Nullable String authorization) {
    return Optional.ofNullable(authorization)
        .filter(text -> text.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(text -> text.substring(BEARER.length()).strip());
  }

  /**
   * Lets a caller in.
   *
   * @param secret what the caller sent, if anything
   * @return empty where no key was needed
   * @throws RefusedException if the caller may not, or has used up its rate
   */
  public Optional<Entered> enter(Need need, Optional<String> secret) {
    if (isOpen() || need.role().isEmpty()) {
      return Optional.empty();
    }
    Role role = need.role().get();
    ApiKeys.ApiKey key =
        secret
            .flatMap(keys::find)
            .orElseThrow(
                () ->
                    new RefusedException(
                        Refusal.UNAUTHENTICATED,
                        secret.isEmpty()
                            ? "send a key, as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'"
                            : "the key is not known"));
    if (!key.allows(role)) {
      throw new RefusedException(
          Refusal.FORBIDDEN, "the key '%s' has no role for this".formatted(key.name()));
    }
    IntPredicate charge =
        photos -> key.bucket().map(b -> b.take(photos, System.nanoTime())).orElse(true);
    if (need.photo() && !charge.test(0)) {
      throw new RefusedException(
          Refusal.RATE_LIMITED, "the key '%s' has used up its rate".formatted(key.name()));
    }
    return Optional.of(new Entered(key.name(), charge));
  }

  /**
   * Who was let in.
   *
   * @param key its name
   * @param charge takes a number of photos, or none, off the key's rate; false if that is used up
   */
  public record Entered(String key, IntPredicate charge) {}
}
