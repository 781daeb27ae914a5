package io.popsight.service.grpc;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.handler.ssl.util.TrustManagerFactoryWrapper;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Objects;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * A bundle that changes is followed by gRPC as it is by HTTP. Spring Boot takes the bundle's
 * managers when it builds the server and never again; these take up each change, for the
 * connections that are opened from then on.
 */
@Configuration(proxyBeanMethods = false)
class GrpcCertificates {

  private static final String BUNDLE = "spring.grpc.server.ssl.bundle";

  /** Before anybody asks the registry for the bundle. */
  @Bean
  @ConditionalOnProperty(BUNDLE)
  static BeanPostProcessor grpcBundleIsFollowed(Environment environment) {
    String name = environment.getRequiredProperty(BUNDLE);
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof DefaultSslBundleRegistry bundles) {
          Managers managers = new Managers();
          SslBundle bundle = bundles.getBundle(name);
          managers.follow(bundle);
          // In this order: an update that nobody handles is warned of.
          bundles.addBundleUpdateHandler(name, managers::follow);
          bundles.updateBundle(name, managers.in(bundle));
        }
        return bean;
      }
    };
  }

  private static final class Managers {

    private final AdvancedTlsX509KeyManager key = new AdvancedTlsX509KeyManager();
    private final AdvancedTlsX509TrustManager trust;

    Managers() {
      try {
        trust = AdvancedTlsX509TrustManager.newBuilder().build();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    void follow(SslBundle bundle) {
      try {
        KeyStore store =
            Objects.requireNonNull(
                bundle.getStores().getKeyStore(), "the bundle of " + BUNDLE + " has no key");
        String alias = alias(bundle, store);
        X509Certificate[] chain =
            Arrays.stream(store.getCertificateChain(alias))
                .map(X509Certificate.class::cast)
                .toArray(X509Certificate[]::new);
        key.updateIdentityCredentials(chain, (PrivateKey) store.getKey(alias, password(bundle)));
        for (TrustManager manager : bundle.getManagers().getTrustManagers()) {
          if (manager instanceof X509TrustManager trusted) {
            trust.updateTrustCredentials(trusted.getAcceptedIssuers());
          }
        }
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException("the bundle of " + BUNDLE + " cannot be used", e);
      }
    }

    SslBundle in(SslBundle bundle) {
      return SslBundle.of(
          bundle.getStores(),
          bundle.getKey(),
          bundle.getOptions(),
          bundle.getProtocol(),
          SslManagerBundle.of(
              new KeyManagerFactoryWrapper(key), new TrustManagerFactoryWrapper(trust)));
    }

    private static String alias(SslBundle bundle, KeyStore store) throws GeneralSecurityException {
      String named = bundle.getKey().getAlias();
      if (named != null) {
        return named;
      }
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)) {
          return alias;
        }
      }
      throw new GeneralSecurityException("no key");
    }

    private static char @Nullable [] password(SslBundle bundle) {
      String own = bundle.getKey().getPassword();
      String password = own != null ? own : bundle.getStores().getKeyStorePassword();
      return password == null ? null : password.toCharArray();
    }
  }
}
