package io.popsight.service.http;

import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.SpikeSheet;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.Seen;
import io.popsight.service.detect.Sight;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/**
 * {@code POST /v1/detect}: a photo as the body, or one or more as multipart parts {@code image}.
 * The answer is JSON, or with {@code Accept: image/jpeg} or {@code image/png} the photo with its
 * boxes; {@code ?format=coco} gives COCO results, {@code ?explain=spikes} where each layer fired.
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

  private static final List<Picture> PICTURES =
      List.of(
          new Picture(MediaType.IMAGE_JPEG, PhotoEncoder::jpeg),
          new Picture(MediaType.IMAGE_PNG, PhotoEncoder::png));

  /** What an answer can be, the best first where a caller likes several alike. */
  private static final List<MediaType> ANSWERS =
      List.of(MediaType.APPLICATION_JSON, MediaType.IMAGE_JPEG, MediaType.IMAGE_PNG);

  /** A kind of file that a photo with boxes can be answered as. */
  private record Picture(MediaType type, BiFunction<Photo, IntConsumer, byte[]> encoder) {

    /** Writes the file, which holds memory until it has been answered. */
    Function<Photo, byte[]> within(BodyMemory.Share share) {
      return photo -> encoder.apply(photo, share::grow);
    }
  }

  private final DetectionDesk desk;
  private final int maxBytes;

  DetectController(DetectionDesk desk, PopsightProperties properties) {
    this.desk = desk;
    this.maxBytes = Math.toIntExact(properties.maxPhotoSize().toBytes());
  }

  @PostMapping(value = "/v1/detect", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Object detectParts(
      HttpServletRequest request, @RequestAttribute(BodyMemory.OF_REQUEST) BodyMemory.Share share)
      throws IOException, HttpMediaTypeNotAcceptableException {
    MultipartHttpServletRequest multipart =
        WebUtils.getNativeRequest(request, MultipartHttpServletRequest.class);
    if (multipart == null) {
      // Tomcat has given the connection up, and Spring hands over the bare request.
      throw new RefusedException(Refusal.MALFORMED_REQUEST, "the body ended early");
    }
    List<MultipartFile> parts = multipart.getFiles(PART);
    if (parts.isEmpty()) {
      String fault =
          multipart.getMultipartHeaders(PART) == null
              ? "the multipart body has no part '%s'"
              : "part '%s' has no filename and so is a form field";
      throw new RefusedException(Refusal.MISSING_PHOTO, fault.formatted(PART));
    }
    if (parts.size() == 1) {
      return detect(bytes(parts.getFirst()), name(parts.getFirst()), request, share);
    }
    DetectParameters parameters = DetectParameters.of(request);
    if (picture(request).isPresent() || parameters.explainsSpikes()) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER, "a picture is the answer to one photo, not to a batch");
    }
    List<byte[]> photos = new ArrayList<>();
    for (MultipartFile part : parts) {
      photos.add(bytes(part));
    }
    List<PhotoAnswer> answers =
        desk.answers(photos, photo -> inBatch(photo, parts), parameters.read());
    if (parameters.format() == DetectParameters.Format.POPSIGHT) {
      return answers;
    }
    List<CocoBox> results = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      results.addAll(CocoBox.of(answers.get(i), CocoBox.imageId(name(parts.get(i)))));
    }
    return results;
  }

  /** One array more; {@link MultipartFile#getBytes} makes three on its way. */
  private static byte[] bytes(MultipartFile part) throws IOException {
    return part.getInputStream().readAllBytes();
  }

  private static String name(MultipartFile part) {
    return Objects.requireNonNullElse(part.getOriginalFilename(), "");
  }

  private static String inBatch(int photo, List<MultipartFile> parts) {
    String name = name(parts.get(photo));
    return "photo %d of %d%s"
        .formatted(photo + 1, parts.size(), name.isEmpty() ? "" : ", '%s'".formatted(name));
  }

  @PostMapping("/v1/detect")
  Object detectBody(
      HttpServletRequest request, @RequestAttribute(BodyMemory.OF_REQUEST) BodyMemory.Share share)
      throws IOException, HttpMediaTypeNotAcceptableException {
    String type = request.getContentType();
    if (type != null && !BODY_TYPES.contains(bare(type))) {
      throw new RefusedException(
          Refusal.UNSUPPORTED_MEDIA_TYPE,
          "content type '%s'; send image/jpeg, image/png, image/webp, image/bmp or multipart/form-data"
              .formatted(type));
    }
    byte[] body = request.getInputStream().readNBytes(maxBytes + 1);
    return detect(body, "0", request, share);
  }

  /** JSON, or a picture where the caller wants one. */
  private Object detect(
      byte[] photo, String name, HttpServletRequest request, BodyMemory.Share share)
      throws HttpMediaTypeNotAcceptableException {
    DetectParameters parameters = DetectParameters.of(request);
    DetectionRequest asked = parameters.read();
    boolean coco = parameters.format() == DetectParameters.Format.COCO;
    boolean spikes = parameters.explainsSpikes();
    Optional<Picture> picture = picture(request);
    if (coco && (spikes || picture.isPresent())) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER, "format=coco has room for boxes alone, not for a picture");
    }
    if (picture.isPresent()) {
      Function<Photo, byte[]> encoder = picture.get().within(share);
      return ResponseEntity.ok()
          .contentType(picture.get().type())
          .body(
              spikes
                  ? desk.see(photo, asked, true, sight -> spikeSheet(sight, encoder)).view()
                  : desk.picture(photo, asked, encoder));
    }
    if (spikes) {
      Seen<SpikeExplanation.Maps> seen = desk.see(photo, asked, true, SpikeExplanation.Maps::of);
      return new SpikeExplanation(seen.answer(), seen.view());
    }
    PhotoAnswer answer = desk.answer(photo, asked);
    return coco
        ? CocoBox.of(answer, CocoBox.imageId(parameters.text("image_id").orElse(name)))
        : answer;
  }

  private static byte[] spikeSheet(Sight sight, Function<Photo, byte[]> encoder) {
    return sight.onPhoto(
        photo -> {
          try (Photo sheet = SpikeSheet.draw(photo, sight.letterbox(), sight.spikeMaps())) {
            return encoder.apply(sheet);
          }
        });
  }

  /** The picture that the caller likes best; empty if that is JSON. */
  private static Optional<Picture> picture(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    MediaType best = Accepted.best(request, ANSWERS);
    return PICTURES.stream().filter(picture -> picture.type().equals(best)).findFirst();
  }

  private static String bare(String contentType) {
    int parameters = contentType.indexOf(';');
    String bare = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return bare.strip().toLowerCase(java.util.Locale.ROOT);
  }
}
