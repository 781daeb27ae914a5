package io.popsight.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * As much of a cluster as the chart looks up: the Deployment of the release traffic. It is the one
 * of {@code KUBECONFIG}, which {@code pom.xml} sets: helm-java's template asks that one, not none.
 */
final class Cluster implements AutoCloseable {

  /** In place of a number of replicas: there is no such Deployment. */
  static final int EMPTY = -1;

  private static final String RELEASE =
      "/apis/apps/v1/namespaces/default/deployments/traffic-popsight";

  private final HttpServer server;
  private final Map<String, String> answers;

  /** With that Deployment of so many replicas, or {@link #EMPTY}. */
  Cluster(int replicas) throws IOException {
    answers =
        Map.of(
            "/apis/apps/v1",
            """
            {"kind": "APIResourceList", "groupVersion": "apps/v1", "resources":
              [{"name": "deployments", "namespaced": true, "kind": "Deployment", "verbs": ["get"]}]}""",
            replicas == EMPTY ? "/nothing" : RELEASE,
            """
            {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": %d}}"""
                .formatted(replicas));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    Files.writeString(
        Path.of(System.getenv().getOrDefault("KUBECONFIG", "target/kubeconfig")),
        """
        {apiVersion: v1, kind: Config, current-context: c,
         clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}],
         contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u, user: {}}]}
        """
            .formatted(server.getAddress().getPort()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String known = answers.get(exchange.getRequestURI().getPath());
    byte[] body =
        (known == null ? "{\"kind\": \"Status\", \"reason\": \"NotFound\", \"code\": 404}" : known)
            .getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(known == null ? 404 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
