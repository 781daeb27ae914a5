package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document says what the server does: routes, parameters, answers. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"popsight.models=../../models", "popsight.default-model=popsight-cells"})
class ApiDocsIT {

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  private RequestMappingHandlerMapping mappings;

  @Test
  void document_hasEveryRouteOfTheOwnDoorAndNoOther() throws Exception {
    Set<String> routes = new TreeSet<>();
    mappings
        .getHandlerMethods()
        .forEach(
            (mapping, method) -> {
              if (method.getBeanType().getPackageName().equals("io.popsight.service.http")) {
                for (String path : mapping.getPatternValues()) {
                  mapping
                      .getMethodsCondition()
                      .getMethods()
                      .forEach(verb -> routes.add(verb + " " + path));
                }
              }
            });
    Set<String> documented = new TreeSet<>();
    document()
        .get("paths")
        .forEachEntry(
            (path, operations) ->
                operations.forEachEntry(
                    (verb, operation) ->
                        documented.add(verb.toUpperCase(java.util.Locale.ROOT) + " " + path)));

    assertThat(documented).isEqualTo(routes);
    assertThat(document().get("openapi").asString()).startsWith("3.1");
  }

  /** Each example of a parameter alone, and no parameter at all. */
  @TestFactory
  Stream<DynamicTest> examples_areAnsweredAsTheDocumentSays() throws Exception {
    JsonNode document = document();
    Stream<DynamicTest> plain = Stream.of(DynamicTest.dynamicTest("none", () -> answers("")));
    Stream<DynamicTest> examples =
        document
            .at("/paths/~1v1~1detect/post/parameters")
            .valueStream()
            .map(p -> p.has("$ref") ? document.at(p.get("$ref").asString().substring(1)) : p)
            .filter(p -> p.has("example"))
            .map(
                p -> {
                  String name = p.get("name").asString();
                  String value = text(p.get("example"));
                  boolean header = p.get("in").asString().equals("header");
                  return DynamicTest.dynamicTest(
                      name + "=" + value,
                      () -> {
                        if (header) {
                          answers("", name, value);
                        } else {
                          answers(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
                        }
                      });
                });
    return Stream.concat(plain, examples);
  }

  private void answers(String query, String... headers) throws Exception {
    HttpResponse<String> response = detect(query, TestPhotos.cells(), headers);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(
            errors(
                document(),
                "/paths/~1v1~1detect/post/responses/200/content/application~1json/schema",
                response.body()))
        .isEmpty();
  }

  @Test
  void otherAnswers_areAsTheDocumentSays() throws Exception {
    JsonNode document = document();

    assertThat(
            errors(
                document,
                "/paths/~1v1~1models/get/responses/200/content/application~1json/schema",
                get("/v1/models").body()))
        .isEmpty();
    assertThat(
            errors(
                document,
                "/components/schemas/Problem",
                detect("min_score=7", TestPhotos.cells()).body()))
        .isEmpty();
    // A schema that lets everything pass would be no check.
    assertThat(errors(document, "/components/schemas/Answer", "{\"model\":1}")).isNotEmpty();
  }

  /** Generators of clients make nothing that sends a photo of a type without a schema. */
  @Test
  void mediaTypes_haveASchemaEach() throws Exception {
    List<JsonNode> contents = document().findValues("content");

    assertThat(contents)
        .isNotEmpty()
        .allSatisfy(
            content ->
                assertThat(content).allSatisfy(type -> assertThat(type.has("schema")).isTrue()));
    assertThat(
            document()
                .at("/paths/~1v1~1detect/post/requestBody/content")
                .propertyNames()
                .iterator())
        .toIterable()
        .as("they take the first")
        .first()
        .isEqualTo("multipart/form-data");
  }

  /** Either is enough, as the refusal of a caller without a key says. */
  @Test
  void openMetrics_areAnsweredAsTheDocumentSays() throws Exception {
    HttpResponse<String> metrics = get("/metrics", "Accept", "application/openmetrics-text");

    String type = metrics.headers().firstValue("Content-Type").orElse("");
    assertThat(document().at("/paths/~1metrics/get/responses/200/content").propertyNames())
        .contains(type.substring(0, type.indexOf(';')));
  }

  @Test
  void swaggerUi_isServedWithoutInlineScript() throws Exception {
    HttpResponse<String> page = get("/swagger-ui/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("script-src 'self'");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    for (String file : List.of("start.js", "swagger-ui-bundle.js", "swagger-ui.css")) {
      assertThat(get("/swagger-ui/" + file).statusCode()).as(file).isEqualTo(200);
    }
    assertThat(get("/v3/api-docs.yaml").body()).startsWith("openapi: 3.1");
  }

  private static List<String> errors(JsonNode document, String schemaAt, String json) {
    // The schema within the whole document, so that its references are found.
    ObjectNode root = (ObjectNode) JSON.readTree(document.toString());
    root.put("$ref", "#" + schemaAt);
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(root.toString(), InputFormat.JSON);
    return schema.validate(json, InputFormat.JSON).stream().map(Object::toString).toList();
  }

  private static String text(JsonNode example) {
    return example.isArray()
        ? example.valueStream().map(JsonNode::asString).collect(Collectors.joining(","))
        : example.asString();
  }

  private JsonNode document() throws IOException, InterruptedException {
    return JSON.readTree(get("/v3/api-docs").body());
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> detect(String query, byte[] photo, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/detect?" + query))
            .header("Content-Type", "image/jpeg")
            .POST(BodyPublishers.ofByteArray(photo));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
