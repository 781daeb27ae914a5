package io.popsight.trainer.report;

import static io.popsight.trainer.report.Html.text;

import io.popsight.trainer.evaluate.DetectedPhoto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A page of the photos on which the first of several detectors does worst and best, with what each
 * of them found.
 *
 * @param found by the detector's name; all lists are of the same photos in the same order
 * @param labels class names
 */
public record ComparedPhotos(SequencedMap<String, List<DetectedPhoto>> found, List<String> labels) {

  private static final int PHOTOS = 8;

  /** Scores from which boxes are drawn, the same for all. */
  private static final float MIN_SCORE = 0.3f;

  /** One HTML document without anything outside it. */
  public String page() {
    PhotoGallery first = new PhotoGallery(found.firstEntry().getValue(), labels, MIN_SCORE);
    return """
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><title>Detectors side by side</title>
    <style>body{font:15px system-ui,sans-serif;margin:2rem}figure{margin:0 0 1rem}div{display:flex;gap:.5rem;overflow-x:auto}
    img{display:block}</style>
    <h1>Detectors side by side</h1>
    <p>Photos on which %s does worst and best, boxes from a score of %.1f on.</p>
    <h2>Worst</h2>
    %s
    <h2>Best</h2>
    %s
    </html>
    """
        .formatted(
            text(found.firstEntry().getKey()),
            MIN_SCORE,
            rows(first.worst(PHOTOS)),
            rows(first.best(PHOTOS)));
  }

  private String rows(List<PhotoGallery.Judged> photos) {
    return photos.stream().map(j -> row(j.photo())).collect(Collectors.joining("\n"));
  }

  private String row(DetectedPhoto photo) {
    int index =
        IntStream.range(0, found.firstEntry().getValue().size())
            .filter(i -> found.firstEntry().getValue().get(i).equals(photo))
            .findFirst()
            .orElseThrow();
    List<String> figures = new ArrayList<>();
    figures.add(
        figure(
            new PhotoGallery(List.of(photo), labels, MIN_SCORE).marked(photo), "marked by people"));
    for (Map.Entry<String, List<DetectedPhoto>> detector : found.entrySet()) {
      figures.add(
          figure(
              new PhotoGallery(detector.getValue(), labels, MIN_SCORE)
                  .found(detector.getValue().get(index)),
              detector.getKey()));
    }
    return "<div>%s</div>".formatted(String.join("", figures));
  }

  private static String figure(byte[] jpeg, String caption) {
    return "<figure>%s<figcaption>%s</figcaption></figure>"
        .formatted(Html.picture(jpeg, "jpeg", caption), text(caption));
  }
}
