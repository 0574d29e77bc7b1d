package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.CertificateForm;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Issuer;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates that callers show a sidecar, right and wrong ones, and what it makes of each. */
@Timeout(120)
final class ClientCertificatesIT extends SidecarFixture {

  private static final String TAKEN = "200 " + CALLER;
  private static final Provider LENIENT = new BouncyCastleProvider(); // the JDK reads not all
  private static final String REFUSED = "refused";
  private static final String GET =
      "GET / HTTP/1.1\r\nHost: search.test\r\nConnection: close\r\n\r\n";
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofMinutes(10); // longer than this test takes

  private final Instant now = Instant.now();
  private final Map<String, Leaf> shown = new LinkedHashMap<>();
  private final Map<String, String> expected = new LinkedHashMap<>();

  @ParameterizedTest
  @ValueSource(strings = {"STRICT", "PERMISSIVE"})
  void onlyTheMeshsOwnAreTaken(String mode) throws Exception {
    AtomicInteger arrived = new AtomicInteger();
    int inbound = sidecar(mode, arrived);
    good();
    names();
    uses();
    times();
    chains();

    Map<String, String> seen = new LinkedHashMap<>();
    for (Map.Entry<String, Leaf> one : shown.entrySet()) {
      seen.put(one.getKey(), answer(one.getValue(), inbound));
    }

    assertThat(seen).isEqualTo(expected);
    long taken = expected.values().stream().filter(TAKEN::equals).count();
    assertThat(arrived).as("what reached the application").hasValue((int) taken);
    assertThat(expected).hasSizeGreaterThan(70);
  }

  private int sidecar(String mode, AtomicInteger arrived) throws Exception {
    HttpServer application =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      arrived.incrementAndGet();
                      String told = request.getHeader("x-forwarded-client-cert");
                      request
                          .response()
                          .end(told == null ? "nobody" : told.replaceAll(".*;URI=", ""));
                    })
                .listen(0, "127.0.0.1"));
    int inbound = FreePorts.next();
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: all}
        spec: {mtls: {mode: %s}}
        """;
    await(
        sidecar(
            FreePorts.next(),
            "--config",
            "dir:" + config("config", policy.formatted(mode)),
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application.actualPort()));
    return inbound;
  }

  private void taken(String name, Leaf leaf) {
    shown.put(name, leaf);
    expected.put(name, TAKEN);
  }

  private void taken(String name, CertificateForm form) {
    taken(name, mesh.leaf(form, mesh.root()));
  }

  private void refused(String name, Leaf leaf) {
    shown.put(name, leaf);
    expected.put(name, REFUSED);
  }

  private void refused(String name, CertificateForm form) {
    refused(name, mesh.leaf(form, mesh.root()));
  }

  private void refusedUri(String uri) {
    refused("URI " + (uri.length() > 100 ? uri.length() + " bytes" : uri), mesh.form(uri));
  }

  private CertificateForm caller() {
    return mesh.form(CALLER);
  }

  private void good() throws Exception {
    taken("as the mesh makes them", mesh.good(CALLER));
    taken("P-384", caller().keys(curve("secp384r1")));
    taken("RSA of 2048 bits", caller().keys(rsa(2048)));
    taken("names beside a subject", caller().uncritical().subject("CN=caller"));
    taken("a DNS name beside", caller().dns("caller.test"));
    taken("an address beside", caller().address("127.0.0.1"));
    taken("a subject beside", caller().subject("CN=caller,O=Weft"));
    taken("something unheard of that is not critical", caller().unheardOf(false));
    taken("authority for one more below", under(mesh.root(), authority().authority(1), caller()));
    taken("root within the chain", withRoot(caller()));
    taken("began this minute", mesh.form(now.minus(MINUTE), now.plus(DAY)).uris(CALLER));
    taken("ends soon", mesh.form(now.minus(DAY), now.plus(SOON)).uris(CALLER));
    taken("signed with SHA-384", caller().signedBy("SHA384withECDSA"));
  }

  private void names() {
    refused("no names", mesh.form());
    refused("its only names may be overlooked", caller().uncritical());
    refused("a DNS name alone", mesh.form().dns("caller.test"));
    refused("a DNS name that looks like an id", mesh.form().dns(CALLER));
    refused("a mail address", mesh.form().mail("caller@cluster.local"));
    refused("the id as subject", mesh.form().subject("CN=" + CALLER));
    refused("two ids", mesh.form(CALLER, SEARCH));
    refused("one id twice", mesh.form(CALLER, CALLER));
    refused("an id and another URI", mesh.form(CALLER, "https://cluster.local/"));
    refusedUri("https://cluster.local/ns/default/sa/caller");
    refusedUri("SPIFFE://cluster.local/ns/default/sa/caller");
    refusedUri("spiffe:/cluster.local/ns/default/sa/caller");
    refusedUri("spiffe:cluster.local/ns/default/sa/caller");
    refusedUri(" " + CALLER);
    refusedUri(CALLER + " ");
    refusedUri(CALLER + "\n");
    refusedUri(CALLER + "\u0000");
    refusedUri(CALLER + "?a=b");
    refusedUri(CALLER + "?");
    refusedUri(CALLER + "#a");
    refusedUri(CALLER + "#");
    refusedUri(CALLER + "/");
    refusedUri(CALLER + "/more");
    refusedUri("spiffe://user@cluster.local/ns/default/sa/caller");
    refusedUri("spiffe://user:secret@cluster.local/ns/default/sa/caller");
    refusedUri("spiffe://cluster.local:443/ns/default/sa/caller");
    refusedUri("spiffe://CLUSTER.local/ns/default/sa/caller");
    refusedUri("spiffe://other.local/ns/default/sa/caller");
    refusedUri("spiffe://cluster.local.test/ns/default/sa/caller");
    refusedUri("spiffe://cluster/ns/default/sa/caller");
    refusedUri("spiffe:///ns/default/sa/caller");
    refusedUri("spiffe://cluster.local");
    refusedUri("spiffe://cluster.local/");
    refusedUri("spiffe://cluster.local/caller");
    refusedUri("spiffe://cluster.local/ns/default");
    refusedUri("spiffe://cluster.local/ns/default/sa/");
    refusedUri("spiffe://cluster.local/ns//sa/caller");
    refusedUri("spiffe://cluster.local//ns/default/sa/caller");
    refusedUri("spiffe://cluster.local/ns/default/sa/./caller");
    refusedUri("spiffe://cluster.local/ns/default/sa/.");
    refusedUri("spiffe://cluster.local/ns/../sa/caller");
    refusedUri("spiffe://cluster.local/ns/default/sa/call%65r");
    refusedUri("spiffe://cluster.local/ns/default%2Fsa/caller");
    refusedUri("spiffe://cluster.local/NS/default/SA/caller");
    refusedUri("spiffe://cluster.local/ns/" + "n".repeat(2048) + "/sa/caller");
  }

  private void uses() throws Exception {
    KeyPurposeId client = KeyPurposeId.id_kp_clientAuth;
    KeyPurposeId server = KeyPurposeId.id_kp_serverAuth;
    taken("for both purposes", caller().purposes(server, client));
    taken("for clients alone", caller().purposes(client));
    taken("for any purpose", caller().purposes(KeyPurposeId.anyExtendedKeyUsage));
    taken(
        "to sign and to agree", caller().usage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
    refused("for servers alone", caller().purposes(server));
    refused("to sign code", caller().purposes(KeyPurposeId.id_kp_codeSigning));
    refused("an authority", mesh.authority(CALLER));
    refused("an authority by its key alone", caller().usage(0x80 | KeyUsage.keyCertSign));
    refused("may revoke", caller().usage(0x80 | KeyUsage.cRLSign));
    refused("may not sign", caller().usage(KeyUsage.keyEncipherment));
    refused("its key is for nothing said", caller().noUsage());
    refused("RSA of 1024 bits", caller().keys(rsa(1024)));
    refused("signed with SHA-1", caller().signedBy("SHA1withECDSA"));
    refused("something unheard of that is critical", caller().unheardOf(true));
  }

  private void times() {
    refused("ended", mesh.form(now.minus(DAY), now.minus(MINUTE)).uris(CALLER));
    refused("not yet", mesh.form(now.plus(SOON), now.plus(DAY)).uris(CALLER));
    refused("ends before it begins", mesh.form(now.plus(DAY), now.minus(DAY)).uris(CALLER));
  }

  private void chains() {
    Issuer root = mesh.root();
    TestCertificates strange = foreign;
    refused("another root of the same name", foreign.good(CALLER));
    refused("another root, sent along", strange.leaf(caller(), bearing(strange)));
    refused("signed by itself", self());
    refused("authority left out", withoutChain(under(root, authority(), caller())));
    refused("authority that is none", under(root, authority().usage(0x80), caller()));
    refused("a workload as authority", under(root, mesh.form(SEARCH).subject("CN=x"), caller()));
    refused("authority that ended", under(root, ended(), caller()));
    refused("authority that has not begun", under(root, future(), caller()));
    refused("authority of another root", under(strange.root(), authority(), caller()));
    refused("authority that may not name it", under(root, excluding(), caller()));
    refused("authority with SHA-1", under(root, authority().signedBy("SHA1withECDSA"), caller()));
    Issuer last = TestCertificates.below(root, authority().authority(0).subject("CN=last"));
    taken("authority that is the last", mesh.leaf(caller(), last));
    refused("authority below the last", under(last, authority(), caller()));
    Issuer first = TestCertificates.below(root, authority().subject("CN=first"));
    taken("two authorities", under(first, authority(), caller()));
  }

  private CertificateForm authority() {
    return mesh.form().subject("CN=between").authority();
  }

  private CertificateForm ended() {
    return mesh.form(now.minus(DAY), now.minus(MINUTE)).subject("CN=between").authority();
  }

  private CertificateForm future() {
    return mesh.form(now.plus(SOON), now.plus(DAY)).subject("CN=between").authority();
  }

  private CertificateForm excluding() {
    return authority().excludingUris("cluster.local");
  }

  private Leaf under(Issuer above, CertificateForm authority, CertificateForm form) {
    return mesh.leaf(form, TestCertificates.below(above, authority));
  }

  private Leaf withRoot(CertificateForm form) {
    return mesh.leaf(form, bearing(mesh));
  }

  private static Issuer bearing(TestCertificates all) {
    Issuer root = all.root();
    return new Issuer(root.keys(), root.name(), all.rootPem());
  }

  private Leaf self() {
    CertificateForm form = caller().subject("CN=self");
    Issuer own = TestCertificates.below(mesh.root(), form);
    return mesh.leaf(form, new Issuer(own.keys(), own.name(), ""));
  }

  private static Leaf withoutChain(Leaf leaf) {
    String end = "-----END CERTIFICATE-----\n";
    String first = leaf.certificate();
    first = first.substring(0, first.indexOf(end) + end.length());
    return new Leaf(first, leaf.key(), leaf.roots());
  }

  private static KeyPair curve(String name) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(name));
    return generator.generateKeyPair();
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private String answer(Leaf leaf, int port) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {keys(leaf)}, trust(), null);
    try (Socket socket = context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      String[] parts = all.split("\r\n\r\n", 2);
      return parts.length < 2 ? REFUSED : parts[0].substring(9, 12) + " " + parts[1];
    } catch (SSLException | SocketException refused) {
      return REFUSED;
    }
  }

  private static ShownKeyManager keys(Leaf leaf) throws Exception {
    List<X509Certificate> chain = new ArrayList<>();
    CertificateFactory lenient = CertificateFactory.getInstance("X.509", LENIENT);
    byte[] pem = leaf.certificate().getBytes(StandardCharsets.US_ASCII);
    for (Certificate one : lenient.generateCertificates(new ByteArrayInputStream(pem))) {
      chain.add((X509Certificate) one);
    }
    String algorithm = chain.get(0).getPublicKey().getAlgorithm();
    return new ShownKeyManager(chain, Pem.privateKey(leaf.key(), algorithm, "tls.key"));
  }

  private TrustManager[] trust() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry(
        "root", WorkloadIdentity.certificates(mesh.rootPem(), "ca.crt").get(0));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
