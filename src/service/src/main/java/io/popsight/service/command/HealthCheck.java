package io.popsight.service.command;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Asks a service on this machine whether it is ready, for a container that has no shell and no
 * curl. Of the JDK alone, so that it starts quickly.
 *
 * <p>Where it listens stands in the file that the variable {@code PORTFILE} names, which Spring
 * Boot writes; with a port of its own for the management, in that file's neighbour.
 */
public final class HealthCheck {

  private static final int PATIENCE_MILLIS = 2000;
  private static final String USUAL_PORT = "8080";

  private HealthCheck() {}

  /** Exits with 0 if the service is ready, else 1. */
  public static void main(String[] args) {
    try {
      System.exit(isReady(port()) ? 0 : 1);
    } catch (IOException e) {
      System.err.println("not ready: " + e);
      System.exit(1);
    }
  }

  private static String port() throws IOException {
    String named = System.getenv("PORTFILE");
    if (named == null) {
      return USUAL_PORT;
    }
    Path file = Path.of(named);
    Path management = file.resolveSibling(file.getFileName() + "-management");
    return Files.readString(Files.exists(management) ? management : file).strip();
  }

  private static boolean isReady(String port) throws IOException {
    URI readiness = URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness");
    HttpURLConnection connection = (HttpURLConnection) readiness.toURL().openConnection();
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    int status = connection.getResponseCode();
    // A port that wants TLS says so; more cannot be asked of one that may want a certificate too.
    return status == HttpURLConnection.HTTP_OK || status == HttpURLConnection.HTTP_BAD_REQUEST;
  }
}
