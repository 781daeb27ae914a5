package io.popsight.service.http;

import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.PhotoAnswer;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/**
 * {@code POST /v1/detect}: a photo as the body, or one or more as multipart parts {@code image}.
 */
@RestController
class DetectController {

  private static final String PART = "image";
  private static final Set<String> BODY_TYPES =
      Set.of(
          "image/jpeg",
          "image/jpg",
          "image/png",
          "image/webp",
          "image/bmp",
          "image/x-ms-bmp",
          "application/octet-stream");

  private final DetectionDesk desk;
  private final int maxBytes;

  DetectController(DetectionDesk desk, PopsightProperties properties) {
    this.desk = desk;
    this.maxBytes = Math.toIntExact(properties.maxPhotoSize().toBytes());
  }

  @PostMapping(value = "/v1/detect", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Object detectParts(MultipartHttpServletRequest request) throws IOException {
    List<MultipartFile> parts = request.getFiles(PART);
    if (parts.isEmpty()) {
      throw new RefusedException(
          Refusal.MISSING_PHOTO, "the multipart body has no part '%s'".formatted(PART));
    }
    List<PhotoAnswer> answers = new ArrayList<>();
    for (MultipartFile part : parts) {
      answers.add(detect(part.getBytes(), request));
    }
    return answers.size() == 1 ? answers.getFirst() : answers;
  }

  @PostMapping("/v1/detect")
  PhotoAnswer detectBody(HttpServletRequest request) throws IOException {
    String type = request.getContentType();
    if (type != null && !BODY_TYPES.contains(bare(type))) {
      throw new RefusedException(
          Refusal.UNSUPPORTED_MEDIA_TYPE,
          "content type '%s'; send image/jpeg, image/png, image/webp, image/bmp or multipart/form-data"
              .formatted(type));
    }
    byte[] body = request.getInputStream().readNBytes(maxBytes + 1);
    return detect(body, request);
  }

  private PhotoAnswer detect(byte[] photo, HttpServletRequest request) {
    return desk.answer(photo, new DetectParameters(request).read());
  }

  private static String bare(String contentType) {
    int parameters = contentType.indexOf(';');
    String bare = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return bare.strip().toLowerCase(java.util.Locale.ROOT);
  }
}
