package io.popsight;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NativeLibraryTest {

  @Test
  void libraryThatLoads_canBeUsed() {
    assertThatCode(loaded(() -> {})::require).doesNotThrowAnyException();
  }

  @Test
  void libraryThatCannotBeLoaded_saysSoToAllWhoNeedIt() {
    NativeLibrary library =
        loaded(
            () -> {
              throw (Error)
                  new UnsatisfiedLinkError("no jnicv in java.library.path")
                      .initCause(
                          new UnsatisfiedLinkError(
                              "/c/libjnicv.so: /c/libjnicv.so: failed to map"));
            });

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(library::require)
          .isInstanceOf(NativeLibraryException.class)
          .hasMessageStartingWith(
              "OpenCV cannot be loaded: /c/libjnicv.so: failed to map. It is unpacked into /c, which must be"
                  + " writable, have 150 MB free")
          .hasMessageContaining("POPSIGHT_JAVA_OPTIONS=-Dcachedir=DIR")
          .message()
          .doesNotContain("\n");
    }
  }

  private static NativeLibrary loaded(Runnable loading) {
    return NativeLibrary.load("OpenCV", "cachedir", () -> "/c", 150, loading);
  }
}
