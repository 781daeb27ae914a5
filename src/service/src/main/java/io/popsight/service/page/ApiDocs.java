package io.popsight.service.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.json.JsonMapper;

/**
 * The OpenAPI document and Swagger UI on it. The document is a file, so it costs the start nothing;
 * a test keeps it true to the routes and to what they answer.
 */
@Controller
@ConditionalOnBooleanProperty(name = "popsight.api-docs.enabled", matchIfMissing = true)
class ApiDocs implements WebMvcConfigurer {

  /** By our own loader: that of the thread is of the first web server, and ends with it. */
  private static final ClassPathResource DOCUMENT =
      new ClassPathResource("api/openapi.yaml", ApiDocs.class.getClassLoader());

  private final JsonMapper json;

  ApiDocs(JsonMapper json) {
    this.json = json;
  }

  @GetMapping("/v3/api-docs")
  ResponseEntity<String> document() throws IOException {
    Object document =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(DOCUMENT.getContentAsString(StandardCharsets.UTF_8));
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsString(document));
  }

  @GetMapping("/v3/api-docs.yaml")
  ResponseEntity<String> yaml() throws IOException {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_YAML)
        .body(DOCUMENT.getContentAsString(StandardCharsets.UTF_8));
  }

  @GetMapping("/swagger-ui/")
  String page() {
    return "forward:/swagger-ui/index.html";
  }

  @GetMapping({"/swagger-ui", "/swagger-ui.html"})
  String elsewhere() {
    return "redirect:/swagger-ui/";
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/swagger-ui/**")
        .addResourceLocations(
            "classpath:/swagger-ui/",
            "classpath:/META-INF/resources/webjars/swagger-ui/" + swaggerVersion() + "/")
        .setCacheControl(CacheControl.noCache());
  }

  /** The jar's files lie below its version, which it states itself. */
  private static String swaggerVersion() {
    try (InputStream in =
        new ClassPathResource("META-INF/maven/org.webjars/swagger-ui/pom.properties")
            .getInputStream()) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "");
    } catch (IOException e) {
      throw new IllegalStateException("Swagger UI is not on the class path", e);
    }
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new PagePolicy()).addPathPatterns("/swagger-ui/**");
  }
}
