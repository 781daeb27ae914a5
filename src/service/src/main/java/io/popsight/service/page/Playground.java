package io.popsight.service.page;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.CacheControl;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The playground: one page at {@code /}, its files below {@code /playground}. */
@Controller
@ConditionalOnBooleanProperty(name = "popsight.playground.enabled", matchIfMissing = true)
class Playground implements WebMvcConfigurer {

  @GetMapping("/")
  String page() {
    return "forward:/playground/index.html";
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/playground/**")
        .addResourceLocations("classpath:/playground/")
        .setCacheControl(CacheControl.noCache());
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new PagePolicy()).addPathPatterns("/", "/playground/**");
  }
}
