package io.popsight.service.fetch;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.auth.CredentialsProviderBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.HttpHost;

/**
 * Where a photo or a camera is, and who asks there.
 *
 * @param uri without user and password
 * @param user with the password, if the URL has them
 */
record PhotoUrl(URI uri, Optional<UsernamePasswordCredentials> user) {

  /**
   * Takes a URL apart.
   *
   * @throws RefusedException if it is none, or of another protocol than HTTP
   */
  static PhotoUrl of(String url) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw refused("this is no URL: " + e.getMessage());
    }
    if (!Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
        || uri.getHost() == null) {
      throw refused(
          "only http and https URLs with a host are fetched; of a user and password before it,"
              + " write what is no letter or digit percent-encoded");
    }
    if (uri.getUserInfo() == null) {
      return new PhotoUrl(uri, Optional.empty());
    }
    String[] names = uri.getUserInfo().split(":", 2);
    String bare = url.replaceFirst(Pattern.quote(uri.getRawUserInfo() + "@"), "");
    String password = names.length < 2 ? "" : names[1];
    return new PhotoUrl(
        URI.create(bare),
        Optional.of(new UsernamePasswordCredentials(names[0], password.toCharArray())));
  }

  /** One for one request, by which nobody but this very server is told the password. */
  HttpClientContext context() {
    HttpClientContext context = HttpClientContext.create();
    HttpHost server =
        RoutingSupport.normalize(
            new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort()),
            DefaultSchemePortResolver.INSTANCE);
    user.ifPresent(
        known ->
            context.setCredentialsProvider(
                CredentialsProviderBuilder.create().add(new AuthScope(server), known).build()));
    return context;
  }

  /** Without the password, as it may be logged. */
  @Override
  public String toString() {
    return WithoutSecrets.of(uri.toString());
  }

  private static RefusedException refused(String message) {
    return new RefusedException(Refusal.INVALID_PARAMETER, message);
  }
}
