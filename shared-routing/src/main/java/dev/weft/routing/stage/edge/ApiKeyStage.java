package dev.weft.routing.stage.edge;

import dev.weft.config.model.settings.edge.ApiKeys;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.route.match.QueryText;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Lets in who shows one of some keys, and tells the service and the access log whose it is. The key
 * itself stays here.
 *
 * <p>A key is looked up by its SHA-256. How long that takes tells how much of a hash is that of a
 * known key, at most; whoever tries cannot choose hashes, only texts, and would have to find one
 * for each bit that he wants to know. So nothing of a key is learned.
 *
 * <p>Source: {@code ProxySettings}, {@code apiKeys}.
 */
public final class ApiKeyStage implements Stage {

  /** The header by which the service is told; nobody outside can set it. */
  private static final CharSequence NAME = HttpHeaders.createOptimized("x-weft-api-key");

  private static final int LONGEST = 1024; // characters of a key
  private static final Map<String, String> CHALLENGE =
      Map.of("www-authenticate", "ApiKey realm=\"weft\"");

  private final ApiKeys places;
  private final Map<ByteBuffer, String> names = new HashMap<>(); // by the hash; never changed

  ApiKeyStage(ApiKeys keys) {
    this.places = keys;
    keys.keys()
        .forEach(
            key -> names.put(ByteBuffer.wrap(HexFormat.of().parseHex(key.sha256())), key.name()));
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    List<String> shown = shown(exchange.request().head());
    take(exchange);
    if (exchange.request().head().severalCredentials()) {
      return Future.failedFuture(
          new ProxyFailure(
              Cause.BAD_REQUEST,
              "route "
                  + exchange.decision().route().name()
                  + ": "
                  + RequestHead.SEVERAL_CREDENTIALS));
    }
    if (shown.size() != 1) {
      return refused(exchange, shown.isEmpty() ? "no API key" : "several API keys");
    }
    String name = shown.get(0).length() > LONGEST ? null : names.get(hash(shown.get(0)));
    if (name == null) {
      return refused(exchange, "an API key that is not known");
    }
    exchange.request().headers().set(NAME, name);
    exchange.knows(exchange.known().byKey(name));
    return next.serve(exchange);
  }

  private List<String> shown(RequestHead head) {
    return places.header().isPresent()
        ? head.headers().getAll(places.header().get())
        : QueryText.values(head.query(), places.query().orElseThrow());
  }

  /** Away from what goes on, and from what is logged. */
  private void take(Exchange exchange) {
    places.header().ifPresent(exchange.request().headers()::remove);
    places.query().ifPresent(name -> HideKeysStage.take(exchange, name));
  }

  private static Future<Response> refused(Exchange exchange, String why) {
    return Future.failedFuture(
        new ProxyFailure(
            Cause.BAD_API_KEY,
            "route " + exchange.decision().route().name() + ": " + why,
            CHALLENGE));
  }

  private static ByteBuffer hash(String key) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256", e); // every JDK has it
    }
  }
}
