package io.popsight.service.http;

import io.popsight.service.PopsightProperties;
import java.util.List;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Pages of other origins may ask only where the settings name them. */
@Configuration(proxyBeanMethods = false)
class CrossOrigin {

  /** The origins of the settings, which alone may read answers and send anything. */
  static CorsConfiguration named(PopsightProperties properties) {
    CorsConfiguration origins = new CorsConfiguration();
    origins.setAllowedOrigins(properties.corsOrigins());
    return origins;
  }

  /** Before {@link AccessFilter}, so that a page can read that it was refused and why. */
  @Bean
  FilterRegistrationBean<CorsFilter> corsFilter(PopsightProperties properties) {
    CorsConfiguration allowed = named(properties).applyPermitDefaultValues();
    allowed.setAllowedMethods(List.of("GET", "POST"));
    allowed.setExposedHeaders(
        List.of(
            HttpHeaders.RETRY_AFTER,
            HttpHeaders.WWW_AUTHENTICATE,
            "Inference-Header-Content-Length"));
    UrlBasedCorsConfigurationSource everywhere = new UrlBasedCorsConfigurationSource();
    everywhere.registerCorsConfiguration("/**", allowed);
    FilterRegistrationBean<CorsFilter> filter =
        new FilterRegistrationBean<>(new CorsFilter(everywhere));
    filter.setOrder(Ordered.LOWEST_PRECEDENCE - 1);
    filter.setEnabled(!properties.corsOrigins().isEmpty());
    return filter;
  }
}
