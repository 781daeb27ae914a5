package io.popsight.service.access;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets callers in, or not. Thread-safe. */
public final class Access implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Access.class);

  private static final String BEARER = "bearer ";
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final Optional<KeyFile> file;
  private final boolean followed;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("key-file").factory());

  private volatile ApiKeys keys;

  /**
   * With the keys of the settings and of a file.
   *
   * @throws IllegalArgumentException naming the setting that cannot be used
   */
  public Access(List<KeySettings> keys, Optional<Path> keyFile) {
    this.file = keyFile.map(KeyFile::new);
    this.keys = new ApiKeys(keys, file.map(KeyFile::read).orElse(List.of()));
    this.followed = file.filter(KeyFile::canBeReadAgain).isPresent();
  }

  /**
   * Takes up what changes in the file from now on, a few seconds later. One that cannot be used is
   * told in the log, and the keys before stay in force. Who was let in stays in.
   */
  public void follow() {
    if (followed) {
      Future<?> _ =
          looks.scheduleWithFixedDelay(
              this::look,
              BETWEEN_LOOKS.toMillis(),
              BETWEEN_LOOKS.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  /** Never throws: the next look would not come. */
  void look() {
    try {
      file.flatMap(KeyFile::readChanged).ifPresent(this::take);
    } catch (IllegalArgumentException e) {
      // Without the exception: its causes may quote the line.
      LOG.error("{}; the keys that were read before stay in force", e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.error("The file of keys cannot be followed; the keys in force stay", e);
    }
  }

  private void take(List<KeySettings> now) {
    keys = keys.with(now);
    LOG.info("popsight.key-file has changed; keys of it now in force: {}", now.size());
  }

  /** Whether everybody is let in, because there is no key. */
  public boolean isOpen() {
    return keys.isEmpty();
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
    IntConsumer charge = photos -> charge(key, photos);
    if (need.photo()) {
      charge.accept(0);
    }
    return Optional.of(new Entered(key.name(), charge));
  }

  private static void charge(ApiKeys.ApiKey key, int photos) {
    long seconds = key.bucket().map(b -> b.take(photos, System.nanoTime())).orElse(0L);
    if (seconds > 0) {
      throw RefusedException.rateLimited(
          "the key '%s' has used up its rate".formatted(key.name()), seconds);
    }
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }

  /**
   * Who was let in.
   *
   * @param key its name
   * @param charge takes a number of photos, or none, off the key's rate; refuses if that is used up
   */
  public record Entered(String key, IntConsumer charge) {}
}
