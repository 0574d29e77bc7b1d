package dev.weft.routing.transport.keys;

import dev.weft.routing.authentication.KeySources.Address;
import dev.weft.routing.authentication.jwt.JoseKeys;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Fetches a key set over HTTP: verified TLS, no redirects, no more than {@link JoseKeys#LONGEST}
 * bytes, all within the address's timeout.
 *
 * <p>Source: RFC 7517; OpenID Connect Discovery 1.0 sections 4 and 4.3.
 */
final class HttpKeyRequest implements KeyRequest {

  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final int OK = 200;

  private final Vertx vertx;
  private final HttpClientAgent client;

  /**
   * @param roots of servers of keys, in PEM; those of the JDK where there are none
   */
  HttpKeyRequest(Vertx vertx, Optional<Path> roots) {
    this.vertx = vertx;
    HttpClientOptions options =
        new HttpClientOptions()
            .setTracingPolicy(TracingPolicy.ALWAYS)
            .setVerifyHost(true)
            .setMaxRedirects(0)
            .setDecompressionSupported(false)
            .setKeepAlive(false)
            .setShared(false)
            .setConnectTimeout((int) TimeUnit.SECONDS.toMillis(10));
    roots.ifPresent(
        path -> options.setTrustOptions(new PemTrustOptions().addCertPath(path.toString())));
    this.client = vertx.createHttpClient(options);
  }

  @Override
  public Future<JoseKeys> fetch(Address address) {
    Promise<JoseKeys> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, address.timeout().toMillis()),
            late -> promise.tryFail("no answer within " + told(address.timeout())));
    Attempt attempt = new Attempt();
    promise
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              attempt.end();
            });
    where(address, attempt)
        .compose(uri -> attempt.get(uri))
        .map(body -> keys(body))
        .onComplete(
            fetched -> {
              if (fetched.succeeded()) {
                promise.tryComplete(fetched.result());
              } else {
                promise.tryFail(fetched.cause());
              }
            });
    return promise.future();
  }

  private static String told(Duration timeout) {
    return timeout.toMillis() + " ms";
  }

  private static JoseKeys keys(Buffer body) {
    return JoseKeys.parse(body.toString(StandardCharsets.UTF_8));
  }

  private static Future<String> where(Address address, Attempt attempt) {
    if (address.jwksUri().isPresent()) {
      return Future.succeededFuture(address.jwksUri().get());
    }
    String issuer = address.issuer();
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return attempt.get(base + DISCOVERY).compose(body -> told(issuer, body));
  }

  /** What the issuer says of itself, and only of itself. */
  private static Future<String> told(String issuer, Buffer body) {
    JsonObject said;
    String uri;
    try {
      said = body.toJsonObject();
      uri = said.getString("jwks_uri", "");
    } catch (DecodeException | ClassCastException e) {
      return Future.failedFuture("what " + issuer + " says of itself is no JSON");
    }
    if (!issuer.equals(said.getValue("issuer"))) {
      return Future.failedFuture("it says that it is another issuer");
    }
    boolean safe = uri.startsWith("https://") || issuer.startsWith("http://");
    return safe && uri.startsWith("http")
        ? Future.succeededFuture(uri)
        : Future.failedFuture("it tells no https:// address of its keys");
  }

  /** What is under way for one fetch, so that it can be called off. */
  private final class Attempt {

    private Optional<HttpClientRequest> request = Optional.empty();
    private boolean over;

    void end() {
      over = true;
      request.ifPresent(HttpClientRequest::reset);
    }

    Future<Buffer> get(String text) {
      RequestOptions options;
      try {
        URI uri = URI.create(text);
        options = new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(uri.toURL());
        options
            .setTraceOperation("fetch keys")
            .setFollowRedirects(false)
            .putHeader("accept", "application/json");
      } catch (IllegalArgumentException | java.net.MalformedURLException e) {
        return Future.failedFuture("an address that is none");
      }
      return client
          .request(options)
          .compose(
              made -> {
                request = Optional.of(made);
                if (over) {
                  made.reset();
                  return Future.failedFuture("too late");
                }
                return made.send();
              })
          .compose(Attempt::body);
    }

    private static Future<Buffer> body(HttpClientResponse response) {
      if (response.statusCode() != OK) {
        response.request().reset();
        return Future.failedFuture("status " + response.statusCode());
      }
      Promise<Buffer> promise = Promise.promise();
      Buffer all = Buffer.buffer();
      response.exceptionHandler(promise::tryFail);
      response.endHandler(end -> promise.tryComplete(all));
      response.handler(
          part -> {
            if (all.length() + part.length() > JoseKeys.LONGEST) {
              promise.tryFail("more than " + JoseKeys.LONGEST + " bytes");
              response.request().reset();
            } else {
              all.appendBuffer(part);
            }
          });
      return promise.future();
    }
  }
}
