package io.popsight.service.http;

import io.popsight.service.PopsightProperties;
import java.util.List;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Pages of other origins may ask only where the settings name them. */
@Configuration(proxyBeanMethods = false)
class CrossOrigin implements WebMvcConfigurer {

  private final List<String> origins;

  CrossOrigin(PopsightProperties properties) {
    this.origins = properties.corsOrigins();
  }

  @Override
  public void addCorsMappings(CorsRegistry registry) {
    if (!origins.isEmpty()) {
      registry
          .addMapping("/**")
          .allowedOrigins(origins.toArray(String[]::new))
          .allowedMethods("GET", "POST");
    }
  }
}
