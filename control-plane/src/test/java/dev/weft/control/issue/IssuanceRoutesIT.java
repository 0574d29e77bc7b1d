package dev.weft.control.issue;

import static dev.weft.control.issue.IssuingServer.LONG;
import static dev.weft.control.issue.IssuingServer.MESH;
import static dev.weft.control.issue.IssuingServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.TurnedTicker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The route over the real wire, asked by a client that may say what it wants. */
@Timeout(60)
final class IssuanceRoutesIT {

  private static final SpiffeId SEARCH = new SpiffeId(MESH, "prod", "search");
  private static final String ISSUE = "/v1/certificates";
  private static final String UNREADABLE =
      "the body cannot be read (expected: JSON with csr, and token to join)";
  private static final String USED = "the join token is not known or was used already";

  private final TurnedTicker ticker = new TurnedTicker();
  private Vertx vertx;
  private HttpClientAgent client; // a client that nobody holds closes itself
  private IssuingServer server;

  @TempDir private Path folder;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    client = vertx.createHttpClient();
    server = new IssuingServer(vertx, folder, ticker);
    server.open(LONG);
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  @Test
  void aBodyThatIsNoRequestIsAnErrorInJson() throws Exception {
    HttpClientConnection stranger = stranger();
    List<String> bodies =
        List.of("{\"csr\":", "", "null", "[]", "{}", "{\"csr\":1}", "{\"csr\":\"x\",\"token\":[]}");

    for (String body : bodies) {
      Answer answer = ask(stranger, HttpMethod.POST, ISSUE, Buffer.buffer(body));
      assertThat(answer).as(body).isEqualTo(new Answer(400, UNREADABLE));
    }
  }

  @Test
  void aBodyThatIsTooLargeIsAnErrorInJson() throws Exception {
    Answer answer = ask(stranger(), HttpMethod.POST, ISSUE, Buffer.buffer(new byte[20_000]));

    assertThat(answer).isEqualTo(new Answer(413, "the body is too large"));
  }

  @Test
  void otherPathsAndMethodsAreErrorsInJsonToo() throws Exception {
    Buffer nothing = Buffer.buffer();

    assertThat(ask(stranger(), HttpMethod.GET, "/other", nothing))
        .isEqualTo(new Answer(404, "there is no such path"));
    assertThat(ask(stranger(), HttpMethod.DELETE, ISSUE, nothing))
        .isEqualTo(new Answer(405, "the path does not take this method"));
  }

  @Test
  void aBadRequestCostsNoToken() throws Exception {
    HttpClientConnection stranger = stranger();
    String token = server.token();
    KeyPairGenerator weak = KeyPairGenerator.getInstance("RSA");
    weak.initialize(1024);

    Answer rubbish = issue(stranger, "rubbish", token);
    Answer weakling = issue(stranger, request(weak.generateKeyPair()), token);
    Answer good = issue(stranger, SigningRequest.create().pem(), token);

    assertThat(rubbish)
        .isEqualTo(new Answer(400, "no certificate request (expected: PKCS#10 in PEM)"));
    assertThat(weakling)
        .isEqualTo(
            new Answer(
                400,
                "the request's key is RSA of 1024 bits"
                    + " (expected: EC P-256 or P-384, or RSA of 2048 to 8192 bits)"));
    assertThat(good).isEqualTo(new Answer(200, ""));
  }

  @Test
  void theControlPlanesIdentityIsNobodyElses() throws Exception {
    String root = Pem.fingerprint(server.authority(LONG).root());
    String token = server.tokens().create("weft-system/weft-control", Duration.ofHours(1), root);

    assertThat(issue(stranger(), SigningRequest.create().pem(), token))
        .isEqualTo(new Answer(403, "the control plane's identity is nobody else's"));
  }

  @Test
  void aTokenIsGoodAgainForTheSameKeyOnly() throws Exception {
    HttpClientConnection stranger = stranger();
    String token = server.token();
    String csr = SigningRequest.create().pem();

    assertThat(issue(stranger, csr, token).status).isEqualTo(200);
    assertThat(issue(stranger, csr, token).status).isEqualTo(200);
    assertThat(issue(stranger, SigningRequest.create().pem(), token))
        .isEqualTo(new Answer(403, USED));
    ticker.turn(Duration.ofMinutes(6));
    assertThat(issue(stranger, csr, token)).isEqualTo(new Answer(403, USED));
  }

  @Test
  void whoShowsNothingGetsNothing() throws Exception {
    Buffer body = new JsonObject().put("csr", SigningRequest.create().pem()).toBuffer();

    assertThat(ask(stranger(), HttpMethod.POST, ISSUE, body))
        .isEqualTo(new Answer(403, "neither a token nor a certificate"));
  }

  @Test
  void aConnectionThatOutlivesItsCertificateRenewsNothing() throws Exception {
    WorkloadIdentity own = server.authority(Duration.ofMinutes(10)).own(SEARCH);
    HttpClientConnection connection = connect(MeshTls.toControl(own, ticker));
    Buffer body = new JsonObject().put("csr", SigningRequest.create().pem()).toBuffer();

    Answer before = ask(connection, HttpMethod.POST, ISSUE, body);
    ticker.turn(Duration.ofMinutes(11));
    Answer after = ask(connection, HttpMethod.POST, ISSUE, body);

    assertThat(before).isEqualTo(new Answer(200, ""));
    assertThat(after)
        .isEqualTo(new Answer(403, "the caller's certificate ended at " + own.notAfter()));
  }

  @Test
  void aConnectionThatOutlivesItsRootRenewsNothing() throws Exception {
    WorkloadIdentity own = server.authority(LONG).own(SEARCH);
    HttpClientConnection connection = connect(MeshTls.toControl(own, ticker));
    Buffer body = new JsonObject().put("csr", SigningRequest.create().pem()).toBuffer();

    Answer before = ask(connection, HttpMethod.POST, ISSUE, body);
    server.changeRoot();
    Answer after = ask(connection, HttpMethod.POST, ISSUE, body);

    assertThat(before).isEqualTo(new Answer(200, ""));
    assertThat(after).isEqualTo(new Answer(403, SEARCH + " is signed by no root of this mesh"));
  }

  /**
   * What came back.
   *
   * @param error empty where there is none
   */
  private record Answer(int status, String error) {}

  private Answer issue(HttpClientConnection connection, String csr, String token) throws Exception {
    Buffer body = new JsonObject().put("csr", csr).put("token", token).toBuffer();
    return ask(connection, HttpMethod.POST, ISSUE, body);
  }

  private Answer ask(HttpClientConnection connection, HttpMethod method, String path, Buffer body)
      throws Exception {
    Promise<Answer> answered = Promise.promise();
    // on an event loop, since what comes before somebody listens would be lost
    vertx.runOnContext(
        now ->
            connection
                .request(new RequestOptions().setMethod(method).setURI(path))
                .compose(request -> request.send(body))
                .compose(
                    response ->
                        response.body().map(text -> new Answer(response.statusCode(), error(text))))
                .onComplete(answered));
    return done(answered.future());
  }

  private static String error(Buffer body) {
    return new JsonObject(body).getString("error", "");
  }

  private HttpClientConnection stranger() throws Exception {
    String root = Pem.fingerprint(server.authority(LONG).root());
    return connect(MeshTls.joining(Set.of(root), SpiffeId.control(MESH), ticker));
  }

  private HttpClientConnection connect(ClientSSLOptions tls) throws Exception {
    HttpConnectOptions options = new HttpConnectOptions();
    options.setHost("127.0.0.1").setPort(server.port()).setSsl(true).setSslOptions(tls);
    return done(client.connect(options));
  }

  private static String request(KeyPair keys) throws Exception {
    return Pem.of(
        "CERTIFICATE REQUEST",
        new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()))
            .getEncoded());
  }
}
