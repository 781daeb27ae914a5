package io.popsight.service.deepstack;

import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.model.ModelRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /v1/vision}. Answers are written with their length: Blue Iris cannot read chunks, and
 * Frigate has room for 20 predictions and reads them best first.
 */
@RestController
@ConditionalOnProperty(name = "popsight.doors.deepstack", matchIfMissing = true)
class VisionController {

  private static final Logger LOG = LoggerFactory.getLogger(VisionController.class);
  private static final float USUAL_CONFIDENCE = 0.4f;

  /** What CodeProject.AI's clients call the default model, where no model has the name. */
  private static final Set<String> GENERAL =
      Set.of("general", "ipcam-general", "ipcam-combined", "ipcam-dark");

  private final DetectionDesk desk;
  private final ModelRegistry models;
  private final JsonMapper json;
  private final int mostPredictions;

  VisionController(
      DetectionDesk desk, ModelRegistry models, JsonMapper json, PopsightProperties properties) {
    this.desk = desk;
    this.models = models;
    this.json = json;
    this.mostPredictions = properties.deepstack().maxPredictions();
  }

  @PostMapping("/v1/vision/detection")
  ResponseEntity<byte[]> detection(HttpServletRequest request) throws IOException {
    return answer(request, Optional.empty());
  }

  @PostMapping("/v1/vision/custom/{model}")
  ResponseEntity<byte[]> custom(HttpServletRequest request, @PathVariable String model)
      throws IOException {
    boolean general = GENERAL.contains(model) && !models.names().contains(model);
    return answer(request, general ? Optional.empty() : Optional.of(model));
  }

  @PostMapping("/v1/vision/custom/list")
  ResponseEntity<byte[]> list() {
    return written(
        Map.of(
            "success", true,
            "models", models.names(),
            "moduleId", "popsight",
            "moduleName", "Popsight",
            "command", "list-custom",
            "inferenceDevice", "CPU",
            "code", 200));
  }

  @PostMapping("/v1/vision/listmodels")
  ResponseEntity<byte[]> listModels() {
    List<Map<String, String>> named =
        models.names().stream().map(name -> Map.of("name", name)).toList();
    return written(Map.of("success", true, "models", named));
  }

  private ResponseEntity<byte[]> answer(HttpServletRequest request, Optional<String> model)
      throws IOException {
    DetectionRequest asked =
        new DetectionRequest(
            model,
            Optional.empty(),
            Optional.empty(),
            Optional.of(confidence(request.getParameter("min_confidence"))),
            Optional.empty(),
            Optional.of(mostPredictions),
            List.of(),
            Optional.empty());
    return written(VisionAnswer.of(desk.answer(photo(request), asked)));
  }

  /** CodeProject.AI takes a file under any name, and some of its clients send it as another. */
  private static byte[] photo(HttpServletRequest request) throws IOException {
    if (request instanceof MultipartHttpServletRequest parts) {
      Map<String, MultipartFile> files = parts.getFileMap();
      MultipartFile image = files.get("image");
      if (image == null && !files.isEmpty()) {
        image = files.values().iterator().next();
      }
      if (image != null) {
        return image.getInputStream().readAllBytes();
      }
    }
    throw new RefusedException(Refusal.MISSING_PHOTO, "no file in the request");
  }

  /** Some clients write a comma, some send more than 1: clamped rather than refused. */
  private static float confidence(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return USUAL_CONFIDENCE;
    }
    try {
      float confidence = Float.parseFloat(text.strip().replace(',', '.'));
      if (!Float.isNaN(confidence)) {
        return Math.clamp(confidence, 0, 1);
      }
    } catch (NumberFormatException e) {
      LOG.debug("min_confidence '{}'", text, e);
    }
    throw new RefusedException(Refusal.INVALID_PARAMETER, "Invalid value for min_confidence");
  }

  private ResponseEntity<byte[]> written(Object document) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(document));
  }
}
