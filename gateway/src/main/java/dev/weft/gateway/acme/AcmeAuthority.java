package dev.weft.gateway.acme;

import dev.weft.config.model.settings.Acme;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.der.Certificates;
import dev.weft.routing.identity.der.Pkcs10;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/**
 * An authority that speaks ACME. All its methods block, for a few minutes at most; one thread's
 * own. Of acme4j nothing is used that needs Bouncy Castle, which would be kept in memory for ever.
 */
final class AcmeAuthority {

  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(2); // for a proof, or a certificate

  private final Acme settings;
  private final KeyPair account;
  private final IssuedCertificates issued;

  /**
   * @param issued shows the proofs that it asks for
   */
  AcmeAuthority(Acme settings, KeyPair account, IssuedCertificates issued) {
    this.settings = settings;
    this.account = account;
    this.issued = issued;
  }

  /**
   * @throws AcmeException where the authority gives none
   * @throws GeneralSecurityException where something that it said cannot be used
   */
  Obtained obtain(List<String> hosts, Instant now)
      throws AcmeException, GeneralSecurityException, IOException, InterruptedException {
    Session session = new Session(URI.create(settings.directory()), new Directory(trust()));
    session.networkSettings().setTimeout(ANSWER);
    AccountBuilder builder = new AccountBuilder().agreeToTermsOfService().useKeyPair(account);
    if (!settings.email().isEmpty()) {
      builder.addEmail(settings.email());
    }
    Login login = builder.createLogin(session);
    Order order = login.newOrder().domains(hosts).create();
    try {
      for (Authorization authorization : order.getAuthorizations()) {
        prove(authorization, now);
      }
    } finally {
      hosts.forEach(issued::proved);
    }
    KeyPair keys = AcmeFiles.freshKeys();
    awaited(order, order.waitUntilReady(PATIENCE), Status.READY);
    order.execute(Pkcs10.request(keys, hosts));
    awaited(order, order.waitForCompletion(PATIENCE), Status.VALID);
    List<X509Certificate> chain = order.getCertificate().getCertificateChain();
    if (!WorkloadIdentity.signs(keys.getPrivate(), chain.get(0).getPublicKey())) {
      throw new GeneralSecurityException("what came certifies another key");
    }
    return new Obtained(chain, keys.getPrivate());
  }

  private static void awaited(Order order, Status status, Status wanted) throws AcmeException {
    if (status != wanted) {
      throw new AcmeException("the order is " + status + reason(order.getError()));
    }
  }

  private void prove(Authorization authorization, Instant now)
      throws AcmeException, GeneralSecurityException, IOException, InterruptedException {
    if (authorization.getStatus() == Status.VALID) {
      return; // since not long ago
    }
    String host = authorization.getIdentifier().getDomain();
    TlsAlpn01Challenge challenge =
        authorization
            .findChallenge(TlsAlpn01Challenge.class)
            .orElseThrow(() -> new AcmeException(host + ": it does not offer TLS-ALPN-01"));
    KeyPair keys = AcmeFiles.freshKeys();
    byte[] proof = Certificates.proof(keys, host, challenge.getAcmeValidation(), now);
    issued.prove(
        host,
        keys.getPrivate(),
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(proof)));
    challenge.trigger();
    Status status = authorization.waitForCompletion(PATIENCE);
    if (status != Status.VALID) {
      Optional<Problem> why =
          authorization.findChallenge(TlsAlpn01Challenge.class).flatMap(Challenge::getError);
      throw new AcmeException(host + " is not proved: " + status + reason(why));
    }
  }

  private static String reason(Optional<Problem> problem) {
    return problem.flatMap(Problem::getDetail).map(detail -> ": " + detail).orElse("");
  }

  /** Empty for the system's authorities. */
  private Optional<SSLContext> trust() throws GeneralSecurityException, IOException {
    if (settings.caCertificates().isEmpty()) {
      return Optional.empty();
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    String pem = Files.readString(Path.of(settings.caCertificates()));
    for (X509Certificate one : WorkloadIdentity.certificates(pem, settings.caCertificates())) {
      store.setCertificateEntry(one.getSerialNumber().toString(), one);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return Optional.of(context);
  }

  /** Whom its directory is believed from. */
  private static final class Directory extends GenericAcmeProvider {

    private final Optional<SSLContext> trust;

    Directory(Optional<SSLContext> trust) {
      this.trust = trust;
    }

    @Override
    public HttpClient createHttpClient(NetworkSettings settings) {
      HttpClient.Builder builder =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NORMAL)
              .connectTimeout(settings.getTimeout())
              .proxy(settings.getProxySelector());
      trust.ifPresent(builder::sslContext);
      return builder.build();
    }
  }
}
