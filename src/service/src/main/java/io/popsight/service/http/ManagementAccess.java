package io.popsight.service.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.Ordered;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * A port of the management's own has a context of its own, where keys are asked for all the same,
 * and connections end with the last answer.
 */
@Conditional(ManagementAccess.OwnContext.class)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementAccess {

  @Bean
  FilterRegistrationBean<AccessFilter> filterOfManagement(AccessFilter filter) {
    return new FilterRegistrationBean<>(filter);
  }

  @Bean
  FilterRegistrationBean<LastAnswer> lastAnswerOfManagement(LastAnswer filter) {
    FilterRegistrationBean<LastAnswer> first = new FilterRegistrationBean<>(filter);
    first.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return first;
  }

  /** Beside {@code /actuator}, and no longer where photos are sent. */
  @Bean
  MetricsController metricsOfManagement(PrometheusMeterRegistry registry) {
    return new MetricsController(registry);
  }

  /** The component scan finds this class too, and it must not have a say over the other port. */
  static final class OwnContext implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      ConfigurableListableBeanFactory beans = context.getBeanFactory();
      return beans != null && beans.getParentBeanFactory() != null;
    }
  }
}
