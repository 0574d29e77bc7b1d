package dev.weft.routing.identity.join;

import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Asks the control plane for certificates: {@code POST /v1/certificates}, over HTTP/2, ten seconds
 * for the connection and ten for the answer. Any thread may enter.
 */
final class CertificateClient {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,3}");

  private final ControlClient client;
  private final String host;
  private final int port;
  private final String trustDomain;

  CertificateClient(Vertx vertx, String host, int port, String trustDomain) {
    this.host = host;
    this.port = port;
    this.trustDomain = trustDomain;
    this.client = new ControlClient(vertx, TIMEOUT, TIMEOUT);
  }

  /** A failure that another try cannot mend; its message is a sentence. */
  static final class Hopeless extends RuntimeException {
    private static final long serialVersionUID = 1;

    Hopeless(String message) {
      super(message, null, false, false);
    }
  }

  /** The control plane cannot tell now; its message is a sentence. */
  static final class Later extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Duration pause;

    Later(String message, Duration pause) {
      super(message, null, false, false);
      this.pause = pause;
    }

    /** How long it asks to be left alone; zero where it does not say. */
    Duration pause() {
      return pause;
    }
  }

  /**
   * A certificate for the key of {@code request}.
   *
   * @param tls whom to trust, and, for a renewal, what to show
   * @param token to join with, or that says that the account is still there; empty for none
   * @param named what named the roots that are trusted
   * @return fails with {@link Hopeless} where the control plane refuses, or is another mesh's, and
   *     with {@link Later} where it cannot tell now
   */
  Future<WorkloadIdentity> certify(
      ClientSSLOptions tls, SigningRequest request, Optional<String> token, String named) {
    JsonObject body = new JsonObject().put("csr", request.pem());
    token.ifPresent(shown -> body.put("token", shown));
    return post(tls, body, named).compose(answer -> identity(request, answer));
  }

  private Future<JsonObject> post(ClientSSLOptions tls, JsonObject body, String named) {
    return client
        .connect(SocketAddress.inetSocketAddress(port, host), host, tls)
        .recover(
            cause ->
                Future.failedFuture(
                    PeerFault.of(cause) == PeerFault.OTHER_ROOT ? otherRoot(named) : cause))
        .compose(
            connection ->
                asked(connection, body)
                    .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .onComplete(done -> connection.close())); // never used again, nor waited for
  }

  private static Future<JsonObject> asked(HttpClientConnection connection, JsonObject body) {
    return connection
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setURI("/v1/certificates")
                .setTraceOperation("ask for a certificate"))
        .compose(
            request -> {
              request.putHeader("content-type", "application/json");
              return request.send(body.toBuffer());
            })
        .compose(
            response -> response.body().compose(text -> answer(response, json(text.toString()))));
  }

  private Hopeless otherRoot(String named) {
    return new Hopeless(
        "the control plane at " + host + ":" + port + " has another root than " + named);
  }

  private static Future<JsonObject> answer(HttpClientResponse response, JsonObject answer) {
    int status = response.statusCode();
    if (status == 200) {
      return Future.succeededFuture(answer);
    }
    String why = answer.getString("error", "status " + status);
    return Future.failedFuture(
        status / 100 == 4
            ? new Hopeless("the control plane refused: " + why)
            : new Later(why, asked(response)));
  }

  private static Duration asked(HttpClientResponse response) {
    String seconds = response.getHeader("retry-after");
    boolean told = seconds != null && SECONDS.matcher(seconds).matches();
    return told ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
  }

  private static JsonObject json(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException e) {
      return new JsonObject();
    }
  }

  private Future<WorkloadIdentity> identity(SigningRequest request, JsonObject answer) {
    try {
      List<X509Certificate> chain =
          WorkloadIdentity.certificates(answer.getString("certificates", ""), "the answer");
      List<X509Certificate> roots =
          WorkloadIdentity.certificates(answer.getString("roots", ""), "the answer");
      WorkloadIdentity own =
          WorkloadIdentity.checked(request.keys().getPrivate(), chain, roots, trustDomain);
      return Future.succeededFuture(
          own.trusting(
              roots, Revocations.told(answer.getString("revoked", ""), own.authorities())));
    } catch (GeneralSecurityException e) {
      return Future.failedFuture(e);
    }
  }

  void close() {
    client.close();
  }
}
