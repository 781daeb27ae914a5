package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands as a person calls them from a folder; what they print is kept there. */
record Shell(Path folder) {

  static final Path LAUNCHER = Path.of("../../popsight").toAbsolutePath().normalize();

  /** What a call left behind. */
  record Call(int code, String out, String err) {}

  /** Options of Java that leave OpenCV no folder: files lie in the places of all. */
  String nowhereToUnpack() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Files.createFile(folder.resolve(".javacpp-" + System.getProperty("user.name")));
    return "-Dorg.bytedeco.javacpp.cachedir=%s -Duser.home=%s -Djava.io.tmpdir=%s"
        .formatted(file, file, folder);
  }

  Call popsight(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    return call(environment, command);
  }

  Call call(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ends").isTrue();
    return new Call(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
