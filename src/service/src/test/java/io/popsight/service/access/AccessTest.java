package io.popsight.service.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockHttpServletRequest;

@ExtendWith(OutputCaptureExtension.class)
class AccessTest {

  private static final String SECRET = "a-secret-of-the-test";
  private static final String OTHER = "another-secret-of-it";

  @TempDir private Path folder;

  @Test
  void noKey_letsEverybodyIn() {
    Access access = new Access(List.of(), Optional.empty());

    assertThat(access.isOpen()).isTrue();
    assertThat(access.enter(Need.ADMIN, Optional.empty())).isEmpty();
  }

  @Test
  void key_opensWhatItsRolesSay() {
    Access access =
        new Access(
            List.of(key("camera", SECRET, 0, Role.DETECT), key("boss", OTHER, 0, Role.ADMIN)),
            Optional.empty());

    assertThat(name(access, Need.PHOTO, SECRET)).isEqualTo("camera");
    assertThat(name(access, Need.METRICS, OTHER)).as("admin").isEqualTo("boss");
    assertThat(access.enter(Need.NOTHING, Optional.empty())).isEmpty();
    refused(() -> access.enter(Need.METRICS, Optional.of(SECRET)), Refusal.FORBIDDEN);
    refused(() -> access.enter(Need.DETECT, Optional.empty()), Refusal.UNAUTHENTICATED);
    refused(() -> access.enter(Need.DETECT, Optional.of("x")), Refusal.UNAUTHENTICATED);
  }

  @Test
  void rate_countsPhotosOnly() {
    Access access = new Access(List.of(key("camera", SECRET, 2, Role.DETECT)), Optional.empty());

    IntConsumer charge = access.enter(Need.PHOTO, Optional.of(SECRET)).orElseThrow().charge();
    charge.accept(1);
    assertThat(access.enter(Need.PHOTO, Optional.of(SECRET))).isPresent();
    assertThatNoException().as("a batch that began in time").isThrownBy(() -> charge.accept(5));
    refused(() -> charge.accept(1), Refusal.RATE_LIMITED);
    refused(() -> access.enter(Need.PHOTO, Optional.of(SECRET)), Refusal.RATE_LIMITED);
    assertThat(access.enter(Need.DETECT, Optional.of(SECRET))).isPresent();
  }

  @Test
  void bucket_fillsAgain() {
    TokenBucket bucket = new TokenBucket(2, 0);

    assertThat(bucket.take(1, 0)).isZero();
    assertThat(bucket.take(1, 0)).isZero();
    assertThat(bucket.take(1, 400_000_000)).isOne();
    assertThat(bucket.take(1, 500_000_000)).isZero();
    assertThat(bucket.take(1, 500_000_000)).isOne();
  }

  @Test
  void emptyBucket_tellsTheSecondsToItsNextToken() {
    TokenBucket bucket = new TokenBucket(0.02, 0);

    assertThat(bucket.take(1, 0)).isZero();
    assertThat(bucket.take(1, 0)).isEqualTo(50);
    assertThat(bucket.take(1, 20_500_000_000L)).as("29.5 are left").isEqualTo(30);
    assertThat(bucket.take(3, 50_000_000_000L)).isZero();
    assertThat(bucket.take(0, 50_000_000_000L)).as("with two photos owed").isEqualTo(150);
  }

  private static String name(Access access, Need need, String secret) {
    return access.enter(need, Optional.of(secret)).orElseThrow().key();
  }

  @Test
  void keyFile_addsKeys() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("keys"),
            "# cameras\ncamera detect,metrics " + SECRET + "\n\nslow detect " + OTHER + " 0.5\n");
    Access access = new Access(List.of(), Optional.of(file));

    assertThat(name(access, Need.METRICS, SECRET)).isEqualTo("camera");
    Access.Entered slow = access.enter(Need.PHOTO, Optional.of(OTHER)).orElseThrow();
    assertThat(slow.key()).isEqualTo("slow");
    slow.charge().accept(1);
    refused(() -> access.enter(Need.PHOTO, Optional.of(OTHER)), Refusal.RATE_LIMITED);
  }

  @Test
  void changedKeyFile_isTakenUp(CapturedOutput log) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("keys"),
            "slow detect " + OTHER + " 0.01\ngone admin the-key-that-is-revoked\n");
    Access access = new Access(List.of(key("camera", SECRET, 0, Role.DETECT)), Optional.of(file));
    IntConsumer charge = access.enter(Need.PHOTO, Optional.of(OTHER)).orElseThrow().charge();
    charge.accept(1);

    Files.writeString(
        file, "slow detect the-key-in-its-place 0.01\nnew admin a-new-key-of-its-own\n");
    access.look();
    assertThat(name(access, Need.ADMIN, "the-key-that-is-revoked"))
        .as("one look may see half of it")
        .isEqualTo("gone");
    access.look();

    assertThat(name(access, Need.ADMIN, "a-new-key-of-its-own")).isEqualTo("new");
    assertThat(name(access, Need.PHOTO, SECRET)).as("of the settings").isEqualTo("camera");
    refused(
        () -> access.enter(Need.DETECT, Optional.of("the-key-that-is-revoked")),
        Refusal.UNAUTHENTICATED);
    refused(() -> access.enter(Need.DETECT, Optional.of(OTHER)), Refusal.UNAUTHENTICATED);
    refused(
        () -> access.enter(Need.PHOTO, Optional.of("the-key-in-its-place")), Refusal.RATE_LIMITED);
    access.look();
    assertThat(log).containsOnlyOnce("popsight.key-file has changed; keys of it now in force: 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '# nobody'                       | has no key
          camera driver a-new-secret-of-it | line 1: roles are detect, metrics, admin
          a-new-secret-of-it detect camera | line 1: want at least 16 characters of the secret
          twin detect a-secret-of-the-test | popsight.key-file (twin).secret: want another
                                           | there is no file
          """)
  void keyFileThatCannotBeUsed_isToldOnceAndTheOldKeysStay(
      @Nullable String content, String told, CapturedOutput log) throws IOException {
    String keys = "boss admin " + OTHER + "\n";
    Path file = Files.writeString(folder.resolve("keys"), keys);
    Access access = new Access(List.of(key("camera", SECRET, 0, Role.DETECT)), Optional.of(file));

    Files.delete(file);
    if (content != null) {
      Files.writeString(file, content);
    }
    look(access, 4);

    assertThat(name(access, Need.ADMIN, OTHER)).isEqualTo("boss");
    assertThat(log).containsOnlyOnce("ERROR").containsOnlyOnce(told);
    assertThat(log).doesNotContain("a-new-secret-of-it", SECRET, OTHER);
    Files.writeString(file, keys);
    access.look();
    access.look();
    assertThat(log).containsOnlyOnce("popsight.key-file has changed; keys of it now in force: 1");
  }

  @Test
  @Timeout(60)
  void pipeInTheKeyFilesPlace_isToldAndNotWaitedFor(CapturedOutput log)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("keys"), "boss admin " + OTHER + "\n");
    Access access = new Access(List.of(), Optional.of(file));

    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    look(access, 4);

    assertThat(log).containsOnlyOnce("is no file any more");
    assertThat(name(access, Need.ADMIN, OTHER)).isEqualTo("boss");
    Files.delete(file);
    Files.writeString(file, "camera detect " + SECRET + "\n");
    look(access, 2);
    assertThat(name(access, Need.DETECT, SECRET)).isEqualTo("camera");
  }

  @Test
  void keyFileOfAnySize_isNotHeldInMemory(CapturedOutput log) throws IOException {
    Path file = Files.writeString(folder.resolve("keys"), "boss admin " + OTHER + "\n");
    Access access = new Access(List.of(), Optional.of(file));

    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(1L << 33);
    }
    look(access, 4);

    assertThat(log).containsOnlyOnce("has more than 1 MiB");
    assertThat(name(access, Need.ADMIN, OTHER)).isEqualTo("boss");
  }

  private static void look(Access access, int times) {
    for (int i = 0; i < times; i++) {
      access.look();
    }
  }

  @Test
  void fault_namesItsKeyAndNeverTheSecret() throws IOException {
    assertThatThrownBy(
            () -> new Access(List.of(key("camera", "short", 0, Role.DETECT)), Optional.empty()))
        .hasMessage("popsight.keys (camera).secret: want at least 16 characters");
    for (String secret :
        List.of("a-secret-with-an-\u00fc", "a-secret-with-a\ttab", "a-secret-with-a-blank ")) {
      assertThatThrownBy(
              () -> new Access(List.of(key("camera", secret, 0, Role.DETECT)), Optional.empty()))
          .hasMessage(
              "popsight.keys (camera).secret: want visible ASCII, with blanks inside only: a header"
                  + " carries nothing else");
    }
    List<KeySettings> camera = List.of(key("camera", SECRET, 0, Role.DETECT));
    Path twin = Files.writeString(folder.resolve("twin"), "camera detect " + OTHER + "\n");
    assertThatThrownBy(() -> new Access(camera, Optional.of(twin)))
        .hasMessage("popsight.key-file (camera).name: want each name once");
    Path copy = Files.writeString(folder.resolve("copy"), "boss admin " + SECRET + "\n");
    assertThatThrownBy(() -> new Access(camera, Optional.of(copy)))
        .hasMessage("popsight.key-file (boss).secret: want another than any other key's");
    for (double rate : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(
              () -> new Access(List.of(key("camera", SECRET, rate, Role.DETECT)), Optional.empty()))
          .hasMessage("popsight.keys (camera).rate: want 0 or more, got " + rate);
    }
    Path file = Files.writeString(folder.resolve("keys"), "camera driver " + SECRET + "\n");
    assertThatThrownBy(() -> new Access(List.of(), Optional.of(file)))
        .hasMessageContaining("popsight.key-file")
        .hasMessageContaining("line 1")
        .hasMessageNotContaining(SECRET);
    assertThat(key("camera", SECRET, 0, Role.DETECT).toString()).doesNotContain(SECRET);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/detect;x=1, true",
    "POST, /v1/detect;x=1, false",
    "POST, /v1//detect, true",
    "GET, /actuator/env, true",
    "GET, /nowhere, true",
    "HEAD, /v1/models, false"
  })
  void pathThatIsNotListed_needsAnAdmin(String method, String path, boolean admin) {
    assertThat(Routes.ofHttp(new MockHttpServletRequest(method, path)).map(Route::need))
        .map(Need.ADMIN::equals)
        .hasValue(admin);
  }

  private static KeySettings key(String name, String secret, double rate, Role role) {
    return new KeySettings(name, secret, Set.of(role), rate);
  }

  private static void refused(ThrowingCallable call, Refusal refusal) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(refusal));
  }

  @Test
  void restedBucket_holdsASecondsWorthAndNoMore() {
    TokenBucket bucket = new TokenBucket(2, 0);

    long tomorrow = 86_400_000_000_000L;
    assertThat(bucket.take(1, tomorrow)).isZero();
    assertThat(bucket.take(1, tomorrow)).isZero();
    assertThat(bucket.take(1, tomorrow)).isOne();
  }
}
