package dev.weft.routing.process.explain;

import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.listener.Paths;
import io.vertx.core.MultiMap;
import java.net.URI;
import java.util.Map;
import java.util.Set;

/** Requests as they are asked about. */
final class Heads {

  private static final String HOST = "host";
  private static final Set<String> HTTP = Set.of("http", "https");
  private static final int MOST_PORT = 65_535;

  private Heads() {}

  /**
   * As a proxy would read it.
   *
   * @throws IllegalArgumentException where the question is none, or would be refused; the message
   *     says why
   */
  static RequestHead of(Question question, Normalize normalize) {
    URI url = url(question);
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    String authority = url.getRawAuthority();
    for (Map.Entry<String, String> header : question.headers()) {
      if (header.getKey().equalsIgnoreCase(HOST)) {
        authority = header.getValue(); // the URL's is where the connection goes
      } else {
        headers.add(header.getKey(), header.getValue());
      }
    }
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String normalised =
        Paths.normalised(path, normalize)
            .orElseThrow(() -> new IllegalArgumentException(path + " is refused with 400"));
    String query = url.getRawQuery() == null ? "" : url.getRawQuery();
    return new RequestHead(
        question.method(), url.getScheme(), authority, normalised, query, headers);
  }

  /** Where its connection goes. */
  static URI url(Question question) {
    try {
      URI url = URI.create(question.url());
      if (url.getHost() != null && HTTP.contains(String.valueOf(url.getScheme())) && plain(url)) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected(question), e);
    }
    throw new IllegalArgumentException(expected(question));
  }

  /** No proxy gets such as are no port, and no client sends its password in the authority. */
  private static boolean plain(URI url) {
    return url.getPort() != 0 && url.getPort() <= MOST_PORT && url.getRawUserInfo() == null;
  }

  private static String expected(Question question) {
    return "'" + question.url() + "' (expected: a URL such as http://search.prod/find?q=1)";
  }
}
