package dev.weft.routing.identity;

import dev.weft.routing.clock.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code control:HOST:PORT}: has a key of its own certified by the control plane, first for a join
 * token, then, at half of each certificate's life, for the certificate before it. Nothing is sent
 * before the server proved to be the control plane under the root that the token names.
 *
 * <p>A restart finds key and certificate in the state folder and needs no token. What fails is
 * tried again, after one second doubling to a minute, with jitter.
 */
public final class ControlPlaneIdentity implements IdentitySource {

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlaneIdentity.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final long TIMEOUT_MILLIS = 10_000;

  private final Vertx vertx;
  private final Address control;
  private final Optional<Path> tokenFile;
  private final Optional<IdentityState> state;
  private final IdentityStore store;
  private final Ticker ticker;
  private final HttpClient client;
  private volatile boolean closed;

  /** Where the control plane is, and of which mesh. */
  public record Address(String host, int port, String trustDomain) {}

  public ControlPlaneIdentity(
      Vertx vertx,
      Address control,
      Optional<Path> tokenFile,
      Optional<Path> stateFolder,
      IdentityStore store,
      Ticker ticker) {
    this.vertx = vertx;
    this.control = control;
    this.tokenFile = tokenFile;
    this.state = stateFolder.map(IdentityState::new);
    this.store = store;
    this.ticker = ticker;
    HttpClientOptions options = new HttpClientOptions().setKeepAlive(false);
    options.setConnectTimeout((int) TIMEOUT_MILLIS);
    options.setSslEngineOptions(MeshTls.engine());
    this.client = vertx.createHttpClient(options);
  }

  @Override
  public Future<WorkloadIdentity> start() {
    Optional<WorkloadIdentity> kept =
        state
            .flatMap(files -> files.read(control.trustDomain()))
            .filter(identity -> identity.notAfter().toEpochMilli() > ticker.epochMillis());
    if (kept.isPresent()) {
      publish(kept.get());
      return Future.succeededFuture(kept.get());
    }
    Promise<WorkloadIdentity> first = Promise.promise();
    join(first, SHORTEST);
    return first.future();
  }

  private Future<WorkloadIdentity> joined() {
    return token()
        .compose(
            token -> {
              String[] parts = token.split("\\.", -1);
              if (parts.length != 4) {
                return Future.failedFuture(
                    new Hopeless("the token file holds no join token (./weft token makes one)"));
              }
              SpiffeId server = SpiffeId.control(control.trustDomain());
              return request(MeshTls.joining(parts[3], server, ticker), Optional.of(token));
            });
  }

  private void join(Promise<WorkloadIdentity> first, Duration pause) {
    joined()
        .onSuccess(
            identity -> {
              publish(identity);
              first.tryComplete(identity);
            })
        .onFailure(
            cause -> {
              if (cause instanceof Hopeless || closed) {
                first.tryFail(cause);
              } else {
                LOG.warn(
                    "no identity from {}:{} yet: {}",
                    control.host(),
                    control.port(),
                    cause.getMessage());
                later(jittered(pause), () -> join(first, doubled(pause)));
              }
            });
  }

  /** A failure that another try cannot mend. */
  private static final class Hopeless extends RuntimeException {
    private static final long serialVersionUID = 1;

    Hopeless(String message) {
      super(message, null, false, false);
    }
  }

  private Future<String> token() {
    if (tokenFile.isEmpty()) {
      return Future.failedFuture(
          new Hopeless("--identity control:HOST:PORT needs --token-file (./weft token makes one)"));
    }
    Path file = tokenFile.get();
    return vertx
        .executeBlocking(() -> Files.readString(file).strip())
        .recover(
            cause ->
                Future.failedFuture(
                    new Hopeless("--token-file " + file + " cannot be read: " + cause)));
  }

  private Future<WorkloadIdentity> request(ClientSSLOptions tls, Optional<String> token) {
    return vertx
        .executeBlocking(SigningRequest::create)
        .compose(
            fresh -> {
              JsonObject body = new JsonObject().put("csr", fresh.pem());
              token.ifPresent(text -> body.put("token", text));
              return post(tls, body).compose(answer -> certified(fresh, answer));
            });
  }

  private Future<JsonObject> post(ClientSSLOptions tls, JsonObject body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(control.host())
            .setPort(control.port())
            .setURI("/v1/certificates")
            .setSsl(true)
            .setSslOptions(tls)
            .setTimeout(TIMEOUT_MILLIS);
    return client
        .request(options)
        .compose(
            request -> {
              request.putHeader("content-type", "application/json");
              return request.send(body.toBuffer());
            })
        .compose(
            response ->
                response
                    .body()
                    .compose(
                        text -> {
                          JsonObject answer = json(text.toString());
                          if (response.statusCode() == 200) {
                            return Future.succeededFuture(answer);
                          }
                          String why = answer.getString("error", "status " + response.statusCode());
                          return Future.failedFuture(
                              response.statusCode() == 403
                                  ? new Hopeless("the control plane refused: " + why)
                                  : new IllegalStateException(why));
                        }));
  }

  private static JsonObject json(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException e) {
      return new JsonObject();
    }
  }

  private Future<WorkloadIdentity> certified(SigningRequest fresh, JsonObject answer) {
    try {
      List<X509Certificate> chain =
          WorkloadIdentity.certificates(answer.getString("certificates", ""), "the answer");
      List<X509Certificate> roots =
          WorkloadIdentity.certificates(answer.getString("roots", ""), "the answer");
      WorkloadIdentity identity =
          WorkloadIdentity.checked(fresh.keys().getPrivate(), chain, roots, control.trustDomain());
      return vertx
          .executeBlocking(
              () -> {
                keep(identity);
                return identity;
              })
          .otherwise(identity);
    } catch (GeneralSecurityException e) {
      return Future.failedFuture(e);
    }
  }

  private void keep(WorkloadIdentity identity) {
    if (state.isPresent()) {
      try {
        state.get().write(identity);
      } catch (IOException e) {
        LOG.warn("the identity could not be kept for a restart: {}", e.getMessage());
      }
    }
  }

  private void publish(WorkloadIdentity identity) {
    store.publish(identity);
    long begins = identity.leaf().getNotBefore().toInstant().toEpochMilli();
    long half = (identity.notAfter().toEpochMilli() - begins) / 2;
    long jitter = ThreadLocalRandom.current().nextLong(-half / 100, half / 100 + 1);
    long wait = begins + half + jitter - ticker.epochMillis();
    later(Duration.ofMillis(Math.max(1000, wait)), () -> renew(identity, SHORTEST));
  }

  /** A certificate that has ended opens no door: then only a token helps, if there is a new one. */
  private void renew(WorkloadIdentity own, Duration pause) {
    boolean ended = own.notAfter().toEpochMilli() <= ticker.epochMillis();
    Future<WorkloadIdentity> next =
        ended ? joined() : request(MeshTls.toControl(own, ticker), Optional.empty());
    next.onSuccess(
            renewed -> {
              LOG.info("identity {} renewed", renewed);
              publish(renewed);
            })
        .onFailure(
            cause -> {
              LOG.warn("identity {} not renewed yet: {}", own, cause.getMessage());
              later(jittered(pause), () -> renew(own, doubled(pause)));
            });
  }

  private void later(Duration pause, Runnable work) {
    if (!closed) {
      vertx.setTimer(Math.max(1, pause.toMillis()), fired -> work.run());
    }
  }

  private static Duration jittered(Duration pause) {
    return pause.plusMillis(ThreadLocalRandom.current().nextLong(pause.toMillis() / 5 + 1));
  }

  private static Duration doubled(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }
}
