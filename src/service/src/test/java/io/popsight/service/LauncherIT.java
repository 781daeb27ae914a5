package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shell script itself, as a person calls it. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX shell script")
class LauncherIT {

  private static final Path LAUNCHER = Shell.LAUNCHER;
  private static final Path PHOTO =
      Path.of("src/test/resources/cells/BloodImage_00000.jpg").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void detect_drawsAndPrintsATable() throws Exception {
    Shell.Call call = detect(Map.of(), PHOTO);

    assertThat(call.code()).as(call.err()).isZero();
    assertThat(call.out()).contains("RBC");
    assertThat(folder.resolve("BloodImage_00000-boxes.jpg")).isNotEmptyFile();
  }

  @Test
  void detectJson_isOneDocumentOnStdout() throws Exception {
    Shell.Call call = detect(Map.of(), PHOTO, "--json");

    JsonNode answer = new JsonMapper().readTree(call.out());
    assertThat(answer.size()).isOne();
    assertThat(answer.get(0).get("file").asString()).isEqualTo(PHOTO.toString());
    assertThat(answer.get(0).get("detections").size()).isGreaterThan(3);
    assertThat(folder.toFile().list()).as("nothing is drawn").containsOnly("out", "err");
  }

  /** The name is made by the shell: this JVM may have no language either. */
  @ParameterizedTest
  @ValueSource(strings = {"", "xx_XX.UTF-8"})
  void nameBeyondAscii_isReadWithoutALanguageOfThisSystem(String language) throws Exception {
    Shell.Call call =
        new Shell(folder)
            .call(
                Map.of("LC_ALL", language, "LC_CTYPE", "", "LANG", ""),
                List.of(
                    "sh",
                    "-c",
                    "cp \"$1\" \"$(printf 'Blutk\\303\\266rper.jpg')\""
                        + " && exec \"$0\" detect --json --model popsight-cells *.jpg",
                    Shell.LAUNCHER.toString(),
                    PHOTO.toString()));

    assertThat(call.code()).as(call.err()).isZero();
    assertThat(call.out()).contains("Blutk\u00f6rper.jpg", "RBC");
  }

  @Test
  void brokenPhoto_endsWithOneAndOneLine() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.jpg"), "no photo");

    Shell.Call call = detect(Map.of(), broken);

    assertThat(call.code()).isOne();
    assertThat(call.err()).contains("broken.jpg").doesNotContain("Exception", "[error]");
  }

  @Test
  void openCvThatCannotBeUnpacked_endsWithOneAndOneLine() throws Exception {
    String options = new Shell(folder).nowhereToUnpack();

    Shell.Call call = detect(Map.of("POPSIGHT_JAVA_OPTIONS", options), PHOTO);

    assertThat(call.code()).isOne();
    assertThat(call.err())
        .contains("popsight: OpenCV cannot be loaded: ", "cachedir=DIR names another folder")
        .doesNotContain("\tat ");
  }

  /** As where all Java of a machine is told so. */
  @Test
  void collectorAndLogOfTheMachine_areTaken() throws Exception {
    Path log = folder.resolve("gc.log");

    Shell.Call call =
        detect(Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC -Xlog:gc*:file=" + log), PHOTO);

    assertThat(call.code()).as(call.err()).isZero();
    assertThat(log).content().contains("Using G1");
  }

  @Test
  void folderWithAColon_isToldOf() throws Exception {
    Path home = Files.createDirectory(folder.resolve("a:b"));
    Files.copy(LAUNCHER, home.resolve("popsight"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(LAUNCHER.resolveSibling("pom.xml"), home.resolve("pom.xml"));

    Shell.Call call =
        new Shell(folder).call(Map.of(), List.of(home.resolve("popsight").toString(), "serve"));

    assertThat(call.code()).isOne();
    assertThat(call.err()).contains("Java cannot run from a folder with a colon in its path");
  }

  @Test
  void detectInTiles_findsMore() throws Exception {
    Path photo = Files.write(folder.resolve("four.png"), TestPhotos.cellsFourTimes());

    int whole = found(photo, "1");

    assertThat(found(photo, "2")).isGreaterThan(2 * whole);
  }

  private int found(Path photo, String tiles) throws Exception {
    Shell.Call call = detect(Map.of(), photo, "--json", "--tiles", tiles);
    assertThat(call.code()).as(call.err()).isZero();
    return new JsonMapper().readTree(call.out()).get(0).get("detections").size();
  }

  /** As one whose disk allows no programs. */
  @Test
  void folderWithoutUsableLibraries_isPassedOverByOnnxRuntime() throws Exception {
    Shell.Call call =
        detect(
            Map.of("POPSIGHT_JAVA_OPTIONS", "-Donnxruntime.native.path=" + folder),
            PHOTO,
            "--backend",
            "onnx");

    assertThat(call.code()).as(call.err()).isZero();
  }

  @Test
  void unknownCommand_endsWithTwoAndUsage() throws Exception {
    Shell.Call call = new Shell(folder).popsight(Map.of(), "detekt");

    assertThat(call.code()).isEqualTo(2);
    assertThat(call.err()).contains("unknown command 'detekt'", "usage: popsight COMMAND");
  }

  @Test
  void linkToTheLauncher_findsTheCheckout() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("popsight"), LAUNCHER);

    Shell.Call call =
        new Shell(folder).call(Map.of(), List.of(link.toString(), "detect", "--help"));

    assertThat(call.code()).as(call.err()).isZero();
    assertThat(call.out()).contains("PHOTO|DIR");
  }

  @Test
  void otherSystem_isToldOfTheContainerImage() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    Path uname = Files.writeString(tools.resolve("uname"), "#!/bin/sh\necho Darwin\n");
    assertThat(uname.toFile().setExecutable(true)).isTrue();

    Shell.Call call =
        new Shell(folder).popsight(Map.of("PATH", tools + ":" + System.getenv("PATH")), "serve");

    assertThat(call.code()).isOne();
    assertThat(call.err()).contains("this is Darwin", "docker build").doesNotContain("building");
  }

  /** The lock is taken as another launcher would hold it; the one that waits goes on after it. */
  @Test
  void secondLauncher_waitsForTheFirst() throws Exception {
    Path pom = LAUNCHER.resolveSibling("pom.xml");
    Process first =
        new ProcessBuilder("flock", pom.toString(), "sh", "-c", "echo held; cat").start();
    try {
      assertThat(first.inputReader().readLine()).isEqualTo("held");
      Path err = folder.resolve("second");
      Process second =
          new ProcessBuilder(LAUNCHER.toString(), "detect", "--version")
              .redirectOutput(folder.resolve("version").toFile())
              .redirectError(err.toFile())
              .start();
      while (!Files.readString(err).contains("waiting for another build")) {
        assertThat(second.isAlive()).as(Files.readString(err)).isTrue();
        Thread.sleep(20);
      }
      first.getOutputStream().close();
      assertThat(second.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(second.exitValue()).as(Files.readString(err)).isZero();
      assertThat(folder.resolve("version")).content().startsWith("popsight ");
    } finally {
      first.getOutputStream().close();
    }
  }

  @Test
  void noJdk_saysWhatToInstall() throws Exception {
    Path tools = linked("sh", "sed", "dirname", "grep", "cat", "readlink", "uname");
    // A launcher that sees none of the usual places: its candidates are replaced.
    Path copy = folder.resolve("popsight");
    Files.writeString(
        copy,
        Files.readString(LAUNCHER).replace("/usr/lib/jvm/*25*", "").replace("/opt/*jdk*25*", ""));
    Files.copy(LAUNCHER.resolveSibling("pom.xml"), folder.resolve("pom.xml"));

    Shell.Call call =
        new Shell(folder)
            .call(
                Map.of(
                    "PATH", tools.toString(), "JAVA_HOME", "/nowhere", "HOME", folder.toString()),
                List.of(tools.resolve("sh").toString(), copy.toString(), "serve"));

    assertThat(call.code()).isOne();
    assertThat(call.err())
        .contains("no JDK 25 found", "JAVA_HOME (/nowhere)", "https://adoptium.net");
  }

  /**
   * With unzip it asks for the .zip, without for the .tar.gz, each with a sum of its own. What it
   * fetches lies beside where it comes to, never in another file system's folder.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wrapper_refusesAnotherMaven(boolean unzip) throws Exception {
    Path tools =
        linked(
            "sh",
            "uname",
            "dirname",
            "basename",
            "tr",
            "mktemp",
            "mkdir",
            "rm",
            "cat",
            "sha256sum");
    if (unzip) {
      Files.createSymbolicLink(tools.resolve("unzip"), Path.of("/bin/true"));
    }
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("no Maven".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
    try {
      Shell.Call call =
          new Shell(folder)
              .call(
                  Map.of(
                      "PATH", tools.toString(),
                      "JAVA_HOME", System.getProperty("java.home"),
                      "MAVEN_USER_HOME", folder.resolve("home").toString(),
                      "TMPDIR", "/nowhere",
                      "MVNW_REPOURL", "http://localhost:" + server.getAddress().getPort()),
                  List.of(LAUNCHER.resolveSibling("mvnw").toString(), "--version"));

      assertThat(call.code()).isOne();
      assertThat(call.err()).contains("Failed to validate Maven distribution SHA-256");
      assertThat(asked).singleElement().asString().endsWith(unzip ? "-bin.zip" : "-bin.tar.gz");
    } finally {
      server.stop(0);
    }
  }

  private Shell.Call detect(Map<String, String> environment, Path photo, String... more)
      throws Exception {
    String[] cells = {"detect", photo.toString(), "--model", "popsight-cells"};
    return new Shell(folder)
        .popsight(
            environment, Stream.concat(Stream.of(cells), Stream.of(more)).toArray(String[]::new));
  }

  /** A folder of nothing but these programs, to be the whole PATH. */
  private Path linked(String... programs) throws IOException {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String program : programs) {
      Path found = Path.of("/usr/bin", program);
      Files.createSymbolicLink(
          tools.resolve(program), Files.exists(found) ? found : Path.of("/bin", program));
    }
    return tools;
  }
}
