package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The model file in somebody else's ONNX Runtime, from JavaScript and Python, finds what Popsight
 * finds. The photo has the size of the network's input, so that no resizing differs.
 */
class ExamplesIT {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Path EXAMPLES = Path.of("../examples").toAbsolutePath().normalize();
  private static final String MODEL =
      Path.of("../../models/popsight-street.onnx").toAbsolutePath().normalize().toString();
  private static final String PHOTO =
      Path.of("src/main/resources/playground/example-street.jpg").toAbsolutePath().toString();

  @TempDir private Path folder;

  @Test
  void javaScript_findsTheSame() throws Exception {
    assumeTrue(runs("node", "--version") && runs("npm", "--version"), "no node and npm here");
    for (String file : List.of("package.json", "package-lock.json", "detect.mjs")) {
      Files.copy(EXAMPLES.resolve(file), folder.resolve(file));
    }
    assumeTrue(runs("npm", "ci", "--no-audit", "--no-fund"), "npm cannot fetch the libraries");

    assertFindsTheSame(run("node", "detect.mjs", MODEL, PHOTO));
  }

  @Test
  void python_findsTheSame() throws Exception {
    assumeTrue(
        runs("python3", "-c", "import numpy, onnxruntime, PIL"),
        "no python3 with numpy, onnxruntime and pillow here");

    assertFindsTheSame(run("python3", EXAMPLES.resolve("detect.py").toString(), MODEL, PHOTO));
  }

  /** The examples suppress and move nothing, so their best box is ours of an overlap of 1. */
  private static void assertFindsTheSame(String lines) {
    JsonNode best =
        lines
            .lines()
            .map(JSON::readTree)
            .max(Comparator.comparingDouble(found -> found.get("score").asDouble()))
            .orElseThrow();
    StringWriter out = new StringWriter();
    int exit =
        Popsight.commandLine()
            .setOut(new PrintWriter(out))
            .execute("detect", PHOTO, "--model", MODEL, "--iou", "1", "--json");
    assertThat(exit).isZero();
    JsonNode ours = JSON.readTree(out.toString()).get(0).get("detections").get(0);

    assertThat(best.get("class_id")).isEqualTo(ours.get("class_id"));
    assertThat(best.get("score").asDouble()).isCloseTo(ours.get("score").asDouble(), within(0.02));
    assertThat(best.get("box").get(0).asDouble())
        .isCloseTo(ours.get("box").get("x_min").asDouble(), within(2.0));
    assertThat(best.get("box").get(3).asDouble())
        .isCloseTo(ours.get("box").get("y_max").asDouble(), within(2.0));
  }

  private boolean runs(String... command) throws InterruptedException {
    try {
      run(command);
      return true;
    } catch (IOException | AssertionError e) {
      return false;
    }
  }

  private String run(String... command) throws IOException, InterruptedException {
    Shell.Call call = new Shell(folder).call(Map.of(), List.of(command));
    assertThat(call.code()).as(call.err()).isZero();
    return call.out();
  }
}
