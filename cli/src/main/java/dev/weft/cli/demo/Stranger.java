package dev.weft.cli.demo;

import dev.weft.routing.identity.SigningRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who claims the gateway's name with a certificate that lacks nothing but the mesh's
 * signature: he signed it himself. He does not check whom he talks to, since he has nothing to
 * lose; nobody else here may do so.
 */
final class Stranger {

  private static final int PATIENCE_MILLIS = 3000;
  private static final String CLAIM = "spiffe://cluster.local/ns/default/sa/gateway";

  private Stranger() {}

  /** {@code refused ...}, or what he was answered. */
  static String call(int port) {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket =
            (SSLSocket) context().getSocketFactory().createSocket(plain, "search", port, true)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.startHandshake();
      OutputStream request = socket.getOutputStream();
      request.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      request.flush();
      InputStream answer = socket.getInputStream();
      byte[] bytes = answer.readNBytes(32);
      return bytes.length == 0
          ? "refused: the connection was closed without a byte"
          : "answered: " + new String(bytes, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return "refused: " + e.getMessage();
    } catch (GeneralSecurityException e) {
      return "no certificate could be made: " + e.getMessage();
    }
  }

  private static SSLContext context() throws GeneralSecurityException {
    SigningRequest keys = SigningRequest.create();
    Insistent shown = new Insistent(keys.keys().getPrivate(), selfSigned(keys));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {shown}, new TrustManager[] {new Careless()}, new SecureRandom());
    return context;
  }

  private static X509Certificate selfSigned(SigningRequest keys) throws GeneralSecurityException {
    Instant now = Instant.now();
    X500Name name = new X500Name("CN=stranger");
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              new JcaX509v3CertificateBuilder(
                      name,
                      new BigInteger(64, new SecureRandom()),
                      Date.from(now.minus(Duration.ofMinutes(5))),
                      Date.from(now.plus(Duration.ofHours(1))),
                      name,
                      keys.keys().getPublic())
                  .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                  .addExtension(
                      Extension.subjectAlternativeName,
                      false,
                      new GeneralNames(
                          new GeneralName(GeneralName.uniformResourceIdentifier, CLAIM)))
                  .build(
                      new JcaContentSignerBuilder("SHA256withECDSA")
                          .build(keys.keys().getPrivate())));
    } catch (OperatorCreationException | IOException e) {
      throw new GeneralSecurityException("no certificate", e);
    }
  }

  /** Shows its certificate to everybody, whatever authorities they say they trust. */
  private static final class Insistent extends X509ExtendedKeyManager {

    private final PrivateKey key;
    private final X509Certificate certificate;

    Insistent(PrivateKey key, X509Certificate certificate) {
      this.key = key;
      this.certificate = certificate;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {"stranger"};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return "stranger";
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null; // he takes no callers
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }

  /** The stranger's own carelessness, never a proxy's. */
  private static final class Careless implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
