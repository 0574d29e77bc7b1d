package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** What the rules of a text decide about one request. */
public final class DecisionFixture {

  private DecisionFixture() {}

  /** The rules of {@code a.test}, written as the list {@code http}. */
  static RouteTable rules(String http) {
    return documents(service("t", "hosts: [a.test]", http));
  }

  static String service(String name, String place, String http) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: %s}
    spec:
      %s
      http: %s
    """
        .formatted(name, place, http);
  }

  static RouteTable documents(String... texts) {
    LoadResult result =
        ConfigLoader.load(
            java.util.List.of(new ConfigDocument("t", "t.yaml", String.join("---\n", texts))));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return RouteTableCompiler.mesh(result.config(), "default", Map.of());
  }

  /**
   * @param request {@code METHOD URL name=value ...}
   * @param port of the listener that took it
   */
  public static Decision decide(RouteTable table, String request, int port) {
    String[] words = request.split(" ", -1);
    URI url = URI.create(words[1]);
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (int i = 2; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      headers.add(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    String query = Optional.ofNullable(url.getRawQuery()).orElse("");
    RequestHead head =
        new RequestHead(
            words[0], url.getScheme(), url.getAuthority(), url.getRawPath(), query, headers);
    Caller caller = Caller.anonymous("10.0.0.1", 1, port, url.getScheme().equals("https"));
    return table.decide(head, caller, 7, DecisionSink.NONE);
  }
}
