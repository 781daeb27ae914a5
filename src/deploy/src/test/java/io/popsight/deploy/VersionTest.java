package io.popsight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The version, which Maven has in the pom and others beside it. */
class VersionTest {

  private static final Path ROOT = Path.of("../..");

  @ParameterizedTest
  @CsvSource({
    "docker-compose.yml, popsight:([\\d.]+)",
    "Dockerfile, ARG VERSION=(.+)",
    "helm/popsight/Chart.yaml, (?m)^(?:appV|v)ersion: (.+)",
    "helm/OPERATIONS.md, popsight:(\\d[\\d.]+)",
    "popsight, (?m)^version=(.+)"
  })
  void version_isThePoms(String file, String pattern) throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    String version =
        pom.replaceFirst(
            "(?s).*?<artifactId>popsight</artifactId>\\s*<version>([^<]+)</version>.*", "$1");

    assertThat(
            Pattern.compile(pattern)
                .matcher(Files.readString(ROOT.resolve(file)))
                .results()
                .map((MatchResult found) -> found.group(1)))
        .isNotEmpty()
        .containsOnly(version);
  }
}
