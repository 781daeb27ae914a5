package io.popsight.service.http;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * A port of the management's own has a context of its own, where keys are asked for all the same.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementAccess {

  @Bean
  FilterRegistrationBean<AccessFilter> filterOfManagement(AccessFilter filter) {
    return new FilterRegistrationBean<>(filter);
  }
}
