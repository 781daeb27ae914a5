package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
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

  private static final Path LAUNCHER = Path.of("../../popsight").toAbsolutePath().normalize();
  private static final Path PHOTO =
      Path.of("src/test/resources/cells/BloodImage_00000.jpg").toAbsolutePath();

  @TempDir Path folder;

  /** What a call left behind. */
  private record Call(int code, String out, String err) {}

  @Test
  void detect_drawsAndPrintsATable() throws Exception {
    Call call = popsight(Map.of(), "detect", PHOTO.toString(), "--model", "popsight-cells");

    assertThat(call.code()).as(call.err()).isZero();
    assertThat(call.out()).contains("RBC");
    assertThat(folder.resolve("BloodImage_00000-boxes.jpg")).isNotEmptyFile();
  }

  @Test
  void detectJson_isOneDocumentOnStdout() throws Exception {
    Call call =
        popsight(Map.of(), "detect", "--json", "--model", "popsight-cells", PHOTO.toString());

    JsonNode answer = new JsonMapper().readTree(call.out());
    assertThat(answer.size()).isOne();
    assertThat(answer.get(0).get("file").asString()).isEqualTo(PHOTO.toString());
    assertThat(answer.get(0).get("detections").size()).isGreaterThan(3);
    assertThat(folder.toFile().list()).as("nothing is drawn").containsOnly("out", "err");
  }

  @Test
  void brokenPhoto_endsWithOneAndOneLine() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.jpg"), "no photo");

    Call call = popsight(Map.of(), "detect", broken.toString(), "--model", "popsight-cells");

    assertThat(call.code()).isOne();
    assertThat(call.err()).contains("broken.jpg").doesNotContain("Exception", "[error]");
  }

  @Test
  void unknownCommand_endsWithTwoAndUsage() throws Exception {
    Call call = popsight(Map.of(), "detekt");

    assertThat(call.code()).isEqualTo(2);
    assertThat(call.err()).contains("unknown command 'detekt'", "usage: popsight COMMAND");
  }

  @Test
  void linkToTheLauncher_findsTheCheckout() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("popsight"), LAUNCHER);

    Call call = call(Map.of(), List.of(link.toString(), "detect", "--help"));

    assertThat(call.code()).as(call.err()).isZero();
    assertThat(call.out()).contains("PHOTO|DIR");
  }

  /**
   * The archive as somebody without a build has it: its own launcher, from another folder, through
   * a link.
   */
  @Test
  void package_unpacksAndServes() throws Exception {
    Call made = popsight(Map.of(), "package");
    assertThat(made.code()).as(made.err()).isZero();
    String archive = made.out().strip();
    String sum = Files.readString(Path.of(archive + ".sha256"));
    String again = "umask 077 && TZ=Asia/Tokyo exec \"$0\" package";
    assertThat(call(Map.of(), List.of("sh", "-c", again, LAUNCHER.toString())).code()).isZero();
    assertThat(Path.of(archive + ".sha256")).as("the same, to the bit").hasContent(sum);
    Path unpacked =
        folder.resolve(Path.of(archive).getFileName().toString().replace(".tar.gz", ""));
    assertThat(call(Map.of(), List.of("tar", "xzf", archive)).code()).isZero();
    assertThat(
            call(
                    Map.of(),
                    List.of(
                        "sh",
                        "-c",
                        "cd \"$0\" && sha256sum -c --quiet SHA256SUMS",
                        unpacked.toString()))
                .code())
        .isZero();
    assertThat(unpacked.resolve("LICENSE")).isNotEmptyFile();
    assertThat(unpacked.resolve("models/popsight-street.md")).isNotEmptyFile();
    assertLicencesAreListed(unpacked);
    assertBillHasEveryLibrary(unpacked);
    assertNativesAreThisSystems(unpacked);

    Path link = Files.createSymbolicLink(folder.resolve("link"), unpacked.resolve("popsight"));
    String version = popsight(Map.of(), "--version").out();
    assertThat(version).matches("popsight \\d+\\.\\d+\\.\\d+\\R");
    assertThat(call(Map.of(), List.of(link.toString(), "--version")).out()).isEqualTo(version);
    assertThat(popsight(Map.of(), "detect", "--version").out()).isEqualTo(version);
    Path out = folder.resolve("out");
    Process service =
        new ProcessBuilder(link.toString(), "serve", "--port", "0", "--no-grpc")
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    try {
      while (!Files.readString(out).contains("http://")) {
        assertThat(service.isAlive()).as(Files.readString(folder.resolve("err"))).isTrue();
        Thread.sleep(100);
      }
      String url = Files.readString(out).strip().replaceFirst(".*(http://[^,]*).*", "$1");
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(url + "/v1/detect?model=popsight-cells"))
                      .header("Content-Type", "image/jpeg")
                      .POST(BodyPublishers.ofFile(PHOTO))
                      .build(),
                  BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("RBC");
      HttpResponse<String> metrics =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(url + "/metrics")).build(),
                  BodyHandlers.ofString());
      assertThat(metrics.body())
          .doesNotContainPattern("popsight_build_info.*revision=\"(unknown)?\"")
          .containsPattern(
              "popsight_build_info\\{.*version=\"%s\"}"
                  .formatted(version.strip().replace("popsight ", "")));
    } finally {
      service.destroy();
      assertThat(service.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static void assertNativesAreThisSystems(Path unpacked) throws IOException {
    try (Stream<Path> jars = Files.list(unpacked.resolve("lib"))) {
      Path onnx =
          jars.filter(jar -> jar.getFileName().toString().startsWith("onnxruntime-"))
              .findFirst()
              .orElseThrow();
      try (ZipFile zip = new ZipFile(onnx.toFile())) {
        assertThat(zip.stream().map(ZipEntry::getName))
            .filteredOn(name -> name.startsWith("ai/onnxruntime/native/"))
            .hasSize(2)
            .allSatisfy(name -> assertThat(name).contains("/linux-").endsWith(".so"));
      }
    }
  }

  /** Each jar, and nothing that would make the archive another one when made again. */
  private static void assertBillHasEveryLibrary(Path unpacked) throws IOException {
    assertThat(unpacked.resolve("SHA256SUMS")).content().contains("./popsight.cdx.json");
    JsonNode bill = new JsonMapper().readTree(unpacked.resolve("popsight.cdx.json").toFile());
    assertThat(bill.get("bomFormat").asString()).isEqualTo("CycloneDX");
    assertThat(bill.get("metadata").has("timestamp")).isFalse();
    List<String> named =
        Stream.concat(
                bill.get("components").valueStream(),
                Stream.of(bill.get("metadata").get("component")))
            .map(part -> part.get("name").asString() + "-" + part.get("version").asString())
            .toList();
    try (Stream<Path> jars = Files.list(unpacked.resolve("lib"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .allSatisfy(jar -> assertThat(named).anyMatch(jar::startsWith));
    }
  }

  /** Each jar by the beginning of its name, each text that the list names, and OpenCV's own. */
  private static void assertLicencesAreListed(Path unpacked) throws IOException {
    Path licences = unpacked.resolve("licenses");
    String list = Files.readString(licences.resolve("README.txt"));
    List<String> names =
        Pattern.compile("(?m)^\\| ([^|]*) \\|")
            .matcher(list)
            .results()
            .flatMap(row -> Stream.of(row.group(1).split(",")))
            .map(name -> name.replaceFirst("\\*?( \\(.*)?$", "").strip())
            .filter(name -> !name.isEmpty())
            .toList();
    try (Stream<Path> jars = Files.list(unpacked.resolve("lib"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .allSatisfy(jar -> assertThat(names).anyMatch(jar::startsWith));
    }
    assertThat(
            Pattern.compile("[\\w.-]+\\.txt(?! in the jar)")
                .matcher(list)
                .results()
                .map(MatchResult::group))
        .hasSizeGreaterThan(5)
        .allSatisfy(text -> assertThat(licences.resolve(text)).isNotEmptyFile());
    assertThat(licences.resolve("opencv/libjpeg-turbo-LICENSE.md")).isNotEmptyFile();
  }

  @Test
  void otherSystem_isToldOfTheContainerImage() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    Path uname = Files.writeString(tools.resolve("uname"), "#!/bin/sh\necho Darwin\n");
    assertThat(uname.toFile().setExecutable(true)).isTrue();

    Call call = popsight(Map.of("PATH", tools + ":" + System.getenv("PATH")), "serve");

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

    Call call =
        call(
            Map.of("PATH", tools.toString(), "JAVA_HOME", "/nowhere", "HOME", folder.toString()),
            List.of(tools.resolve("sh").toString(), copy.toString(), "serve"));

    assertThat(call.code()).isOne();
    assertThat(call.err())
        .contains("no JDK 25 found", "JAVA_HOME (/nowhere)", "https://adoptium.net");
  }

  /** With unzip it asks for the .zip, without for the .tar.gz, each with a sum of its own. */
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
      Call call =
          call(
              Map.of(
                  "PATH", tools.toString(),
                  "JAVA_HOME", System.getProperty("java.home"),
                  "MAVEN_USER_HOME", folder.resolve("home").toString(),
                  "MVNW_REPOURL", "http://localhost:" + server.getAddress().getPort()),
              List.of(LAUNCHER.resolveSibling("mvnw").toString(), "--version"));

      assertThat(call.code()).isOne();
      assertThat(call.err()).contains("Failed to validate Maven distribution SHA-256");
      assertThat(asked).singleElement().asString().endsWith(unzip ? "-bin.zip" : "-bin.tar.gz");
    } finally {
      server.stop(0);
    }
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

  private Call popsight(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    return call(environment, command);
  }

  private Call call(Map<String, String> environment, List<String> command)
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
