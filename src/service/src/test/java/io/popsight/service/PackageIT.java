package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The archive as somebody without a build has it: its own launcher, from another folder. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX shell script")
@TestInstance(Lifecycle.PER_CLASS)
class PackageIT {

  private static final Path PHOTO =
      Path.of("src/test/resources/cells/BloodImage_00000.jpg").toAbsolutePath();

  private Shell shell = new Shell(Path.of(""));
  private String archive = "";
  private Path unpacked = Path.of("");

  @BeforeAll
  void unpack(@TempDir Path folder) throws Exception {
    shell = new Shell(folder);
    Shell.Call made = shell.popsight(Map.of(), "package");
    assertThat(made.code()).as(made.err()).isZero();
    archive = made.out().strip();
    unpacked = folder.resolve(Path.of(archive).getFileName().toString().replace(".tar.gz", ""));
    assertThat(shell.call(Map.of(), List.of("tar", "xzf", archive)).code()).isZero();
  }

  @Test
  void madeAgain_isTheSameToTheBit() throws Exception {
    String sum = Files.readString(Path.of(archive + ".sha256"));
    String again = "umask 077 && TZ=Asia/Tokyo exec \"$0\" package";

    assertThat(shell.call(Map.of(), List.of("sh", "-c", again, Shell.LAUNCHER.toString())).code())
        .isZero();
    assertThat(Path.of(archive + ".sha256")).hasContent(sum);
  }

  @Test
  void contents_areWholeAndLicensed() throws Exception {
    String check = "cd \"$0\" && sha256sum -c --quiet SHA256SUMS";

    assertThat(shell.call(Map.of(), List.of("sh", "-c", check, unpacked.toString())).code())
        .isZero();
    assertThat(unpacked.resolve("LICENSE")).isNotEmptyFile();
    assertThat(unpacked.resolve("models/popsight-street.md")).isNotEmptyFile();
    assertLicencesAreListed(unpacked);
    assertBillHasEveryLibrary(unpacked);
    assertNativesAreThisSystems(unpacked);
  }

  @Test
  void throughALink_itServes() throws Exception {
    Path link =
        Files.createSymbolicLink(shell.folder().resolve("link"), unpacked.resolve("popsight"));
    String version = shell.popsight(Map.of(), "--version").out();
    assertThat(version).matches("popsight \\d+\\.\\d+\\.\\d+\\R");
    assertThat(shell.call(Map.of(), List.of(link.toString(), "--version")).out())
        .isEqualTo(version);
    assertThat(shell.popsight(Map.of(), "detect", "--version").out()).isEqualTo(version);
    Path out = shell.folder().resolve("served");
    Process service =
        new ProcessBuilder(link.toString(), "serve", "--port", "0", "--no-grpc")
            .directory(shell.folder().toFile())
            .redirectOutput(out.toFile())
            .redirectError(shell.folder().resolve("said").toFile())
            .start();
    try {
      while (!Files.readString(out).contains("http://")) {
        assertThat(service.isAlive()).as(Files.readString(shell.folder().resolve("said"))).isTrue();
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

  /** Its classes would come first, by its name. */
  @Test
  void jarOfAnOlderArchive_isNotRun() throws Exception {
    Path older = unpacked.resolve("lib/a-0.0.1.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(older))) {
      zip.putNextEntry(new ZipEntry("io/popsight/service/Popsight.class"));
    }
    try {
      assertThat(archived(Map.of(), "--version").code()).isZero();
    } finally {
      Files.delete(older);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "help | 0 | serve",
        "drift --help | 0 | DIR",
        "train mine.yaml | 2 | is not in this archive; it runs from the sources"
      })
  void command_isThereOrSaidToBeElsewhere(String command, int code, String said) throws Exception {
    Shell.Call call = archived(Map.of(), command.split(" "));

    assertThat(call.code()).isEqualTo(code);
    assertThat(call.out() + call.err()).contains(said);
  }

  @Test
  void anotherJavaHome_doesNotHideTheJavaOnPath() throws Exception {
    String java = System.getProperty("java.home") + "/bin";
    String path = java + ":" + System.getenv("PATH");

    assertThat(archived(Map.of("JAVA_HOME", "/nowhere", "PATH", path), "--version").code())
        .isZero();
  }

  @Test
  void noJava_saysWhereItWasLookedFor() throws Exception {
    Path tools = Files.createDirectories(shell.folder().resolve("tools"));
    for (String program : List.of("sh", "dirname", "readlink")) {
      Files.createSymbolicLink(tools.resolve(program), Path.of("/bin", program));
    }

    Shell.Call call =
        archived(Map.of("JAVA_HOME", "/nowhere", "PATH", tools.toString()), "--version");

    assertThat(call.code()).isOne();
    assertThat(call.err()).contains("needs Java 25", "JAVA_HOME (/nowhere)", "java on PATH (none)");
  }

  @Test
  void javaThatDoesNotStart_saysWhyItself() throws Exception {
    Shell.Call call = archived(Map.of("JAVA_TOOL_OPTIONS", "-javaagent:/missing.jar"), "--version");

    assertThat(call.code()).isOne();
    assertThat(call.err())
        .contains("needs Java 25", "do not start", "/missing.jar\nError occurred");
  }

  private Shell.Call archived(Map<String, String> environment, String... arguments)
      throws Exception {
    return shell.call(
        environment,
        Stream.concat(Stream.of(unpacked.resolve("popsight").toString()), Stream.of(arguments))
            .toList());
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
}
