package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** When the shell script builds, and what: on a checkout in which there is nothing to build. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX shell script")
class LauncherBuildIT {

  @TempDir Path folder;

  @Test
  void changedSource_isBuiltWhateverItsTime() throws Exception {
    Path root = checkout();
    Path source = root.resolve("src/core/src/main/java/Source.java");
    Path classes = root.resolve("src/core/target/classes");
    assertThat(inCheckout(root, "detect").err()).contains("building service");
    assertThat(inCheckout(root, "detect").err()).doesNotContain("building");

    Files.createDirectories(classes);
    Files.writeString(source, "older, by its time");
    Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH));
    assertThat(inCheckout(root, "detect").err()).contains("building service");
    assertThat(classes).as("of which Maven would take it for newer").doesNotExist();
    assertThat(inCheckout(root, "detect").err()).doesNotContain("building");

    Files.delete(source);
    assertThat(inCheckout(root, "detect").err()).contains("building service");
    assertThat(inCheckout(root, "detect").err()).doesNotContain("building");
  }

  @Test
  void libraryUnpackedInPart_isThrownAwayAndUnpackedAgain() throws Exception {
    Path root = checkout();
    Path library = root.resolve("src/service/target/native/libonnxruntime.so");
    Path full = Files.createFile(root.resolve("full"));

    assertThat(inCheckout(root, "detect").out()).doesNotContain("onnxruntime.native.path");
    assertThat(library.getParent()).doesNotExist();

    Files.delete(full);
    assertThat(inCheckout(root, "detect").out()).contains("onnxruntime.native.path");
    assertThat(library).hasContent("whole");
  }

  @Test
  void package_takesNamesWithSpacesAndLeavesNoOlderArchive() throws Exception {
    Path root = checkout();
    Path model = Files.writeString(root.resolve("models/my model.onnx"), "model");

    Shell.Call call = inCheckout(root, "package");

    assertThat(call.code()).as(call.err()).isZero();
    Path archive = Path.of(call.out().strip());
    assertThat(new Shell(folder).call(Map.of(), List.of("tar", "tzf", archive.toString())).out())
        .contains("/models/my model.onnx");

    Files.delete(model);
    assertThat(inCheckout(root, "package").code()).isNotZero();
    assertThat(archive).doesNotExist();
  }

  /**
   * Maven, Java and jar are scripts that leave behind what is looked for. While there is a file
   * {@code full} the disk is.
   */
  private Path checkout() throws IOException {
    Path root = Files.createDirectory(folder.resolve("checkout"));
    for (String file : List.of("popsight", "pom.xml", "LICENSE", "NOTICE")) {
      Files.copy(
          Shell.LAUNCHER.resolveSibling(file),
          root.resolve(file),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createDirectories(root.resolve("src/core/src/main/java"));
    Path launcher = Path.of("src/main/launcher");
    Path copy = root.resolve("src/service").resolve(launcher);
    Files.createDirectories(copy.resolve("licenses"));
    for (String file : List.of("popsight", "README.txt")) {
      Files.copy(launcher.resolve(file), copy.resolve(file));
    }
    Files.writeString(Files.createDirectory(root.resolve("models")).resolve("model.md"), "");
    script(
        root.resolve("mvnw"),
        """
        mkdir -p src/service/target/lib
        cd src/service/target
        touch lib/onnxruntime-1.jar lib/opencv-1-linux.jar
        touch "popsight-service-$(../../../popsight --version | cut -d ' ' -f 2).jar" popsight.cdx.json
        """);
    Path jdk = root.resolve("jdk");
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    script(jdk.resolve("bin/javac"), "");
    script(jdk.resolve("bin/java"), "echo \"$@\"\n");
    script(
        jdk.resolve("bin/jar"),
        """
        [ "$1" = xf ] || exit 0
        natives=ai/onnxruntime/native/linux-$(uname -m | sed 's/x86_64/x64/')
        mkdir -p $natives
        if [ -e "%1$s/full" ]; then printf who >$natives/libonnxruntime.so; exit 1; fi
        printf whole >$natives/libonnxruntime.so
        """
            .formatted(root));
    return root;
  }

  private static void script(Path file, String lines) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + lines);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Shell.Call inCheckout(Path root, String command) throws Exception {
    return new Shell(folder)
        .call(
            Map.of("JAVA_HOME", root.resolve("jdk").toString()),
            List.of(root.resolve("popsight").toString(), command));
  }
}
