package io.popsight.service.command;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/**
 * Asks a service on this machine whether it is ready, for a container that has no shell and no
 * curl. Of the JDK alone, so that it starts quickly.
 */
public final class HealthCheck {

  private static final int PATIENCE_MILLIS = 2000;

  private HealthCheck() {}

  /** Exits with 0 if the service is ready, else 1; {@code POPSIGHT_PORT} names its port. */
  public static void main(String[] args) {
    String port = System.getenv().getOrDefault("POPSIGHT_PORT", "8080");
    System.exit(
        isReady(URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness")) ? 0 : 1);
  }

  static boolean isReady(URI readiness) {
    try {
      HttpURLConnection connection = (HttpURLConnection) readiness.toURL().openConnection();
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      System.err.println("not ready: " + e.getMessage());
      return false;
    }
  }
}
