package io.popsight.service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;

/** How many requests for detections a service has answered, as Prometheus sees it. */
record MeasuredRequests(int port) {

  /** Those whose labels, in the order of the alphabet, begin or go on so. */
  double with(String labels) throws IOException, InterruptedException {
    return sum("popsight_request_duration_seconds_count{", labels);
  }

  /** Of all series that begin so, and say so as well. */
  double sum(String start, String... labels) throws IOException, InterruptedException {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(start))
        .filter(line -> Arrays.stream(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** All metrics. */
  String metrics() throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://localhost:%d/metrics".formatted(port)))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }
}
