package dev.weft.routing.verticle.edge;

import dev.weft.config.model.Gateway.ServerTls;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.Gateway.ServerTls.Version;
import dev.weft.config.model.core.Secret;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.certificate.RevokingTrustManager;
import dev.weft.routing.identity.engine.Sessions;
import dev.weft.routing.snapshot.PortServers.Owned;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that a server's context is made of; two equal ones share it. Prints nothing of the key.
 *
 * @param authorities of the callers' certificates, PEM; empty where none is asked for
 * @param lists of what these authorities revoked, PEM; empty where nothing is
 * @param http whether HTTP is spoken inside
 * @param stapled whether there is something to show with the certificate
 */
record ServerMaterial(
    String chain,
    String key,
    String authorities,
    String lists,
    Mode mode,
    List<String> versions,
    boolean http,
    boolean stapled) {

  /** The versions that a server speaks. */
  static List<String> versions(ServerTls tls) {
    return switch (tls.minProtocolVersion()) {
      case TLSV1_3 -> List.of("TLSv1.3");
      case TLS_AUTO, TLSV1_0, TLSV1_1, TLSV1_2 ->
          tls.maxProtocolVersion() == Version.TLSV1_2
              ? List.of("TLSv1.2")
              : List.of("TLSv1.3", "TLSv1.2");
    };
  }

  /**
   * Reads what a server has now; blocks.
   *
   * @param secrets their data, by {@code namespace/name}
   * @throws IOException where a file cannot be read
   * @throws IllegalArgumentException in words that a user reads, where there is no such Secret
   */
  static ServerMaterial read(Owned server, Function<String, Optional<Map<String, String>>> secrets)
      throws IOException {
    ServerTls tls = server.server().tls().orElseThrow();
    boolean http = server.server().http();
    if (tls.credentialName().isEmpty()) {
      String authorities =
          tls.caCertificates().isEmpty() ? "" : Files.readString(Path.of(tls.caCertificates()));
      return new ServerMaterial(
          Files.readString(Path.of(tls.serverCertificate())),
          Files.readString(Path.of(tls.privateKey())),
          authorities,
          tls.caCrl().isEmpty() ? "" : lists(Path.of(tls.caCrl())),
          tls.mode(),
          versions(tls),
          http,
          false);
    }
    String name = server.namespace() + "/" + tls.credentialName();
    Map<String, String> data =
        secrets
            .apply(name)
            .orElseThrow(
                () -> new IllegalArgumentException("Secret " + name + " does not exist (yet)"));
    return new ServerMaterial(
        data.getOrDefault("tls.crt", data.getOrDefault("cert", "")),
        data.getOrDefault("tls.key", data.getOrDefault("key", "")),
        data.getOrDefault("ca.crt", data.getOrDefault("cacert", "")),
        asks(tls.mode()) ? given(data.get(Secret.REVOCATIONS)) : "",
        tls.mode(),
        versions(tls),
        http,
        false);
  }

  private static String lists(Path file) throws IOException {
    if (Files.size(file) > Revocations.LARGEST) {
      throw new IOException(file + " is larger than 10 MiB");
    }
    return given(Files.readString(file));
  }

  /** What is there and empty is no list, and must not look as if there were none. */
  private static String given(@Nullable String lists) {
    return lists == null ? "" : lists + "\n";
  }

  private boolean asks() {
    return asks(mode);
  }

  private static boolean asks(Mode mode) {
    return mode == Mode.MUTUAL || mode == Mode.OPTIONAL_MUTUAL;
  }

  /**
   * Whom the authorities took back.
   *
   * @throws IllegalArgumentException in words that a user reads, where a list does not count
   */
  Revocations revoked(Ticker ticker) {
    if (lists.isEmpty()) {
      return Revocations.NONE;
    }
    try {
      return Revocations.of(
          lists,
          "its revocation list",
          WorkloadIdentity.certificates(authorities, "its authorities"),
          ticker.epochMillis());
    } catch (CertificateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Reads the staple that is for a server's certificate; blocks.
   *
   * @param secrets by {@code namespace/name}
   * @return empty where there is none
   */
  static Optional<byte[]> staple(
      Owned server, Function<String, Optional<Map<String, String>>> secrets) throws IOException {
    ServerTls tls = server.server().tls().orElseThrow();
    if (tls.credentialName().isEmpty()) {
      return OcspStaple.file(Path.of(tls.serverCertificate()));
    }
    return secrets
        .apply(server.namespace() + "/" + tls.credentialName())
        .map(data -> data.get(Secret.OCSP_STAPLE))
        .map(text -> text.getBytes(StandardCharsets.US_ASCII));
  }

  /** The same, by whose context staples can be shown, or not. */
  ServerMaterial stapled(boolean shown) {
    return new ServerMaterial(chain, key, authorities, lists, mode, versions, http, shown);
  }

  /**
   * The certificate, whose key is here: a context that is made of others fails at each handshake.
   *
   * @throws IllegalArgumentException in words that a user reads
   */
  X509Certificate leaf() {
    try {
      X509Certificate leaf = WorkloadIdentity.certificates(chain, "its certificate").get(0);
      PublicKey certified = leaf.getPublicKey();
      if (!WorkloadIdentity.signs(
          Pem.privateKey(key, certified.getAlgorithm(), "its key"), certified)) {
        throw new IllegalArgumentException("its key is not that of its certificate");
      }
      return leaf;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * @param revoked whom not to take though the authorities are trusted
   * @throws IOException where key and certificate cannot be used
   * @throws IllegalArgumentException likewise
   */
  SslContext context(Revocations revoked, Ticker ticker) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(stream(chain), stream(key))
            .sslProvider(MeshTls.provider())
            .enableOcsp(stapled && MeshTls.boringSsl())
            .sessionTimeout(Sessions.LONGEST_SECONDS)
            .protocols(versions);
    if (http) {
      builder.applicationProtocolConfig(MeshTls.alpn());
    }
    if (asks()) {
      builder.clientAuth(mode == Mode.MUTUAL ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
      if (revoked.isEmpty()) {
        builder.trustManager(stream(authorities));
      } else {
        builder.trustManager(less(revoked));
      }
    }
    SslContext made = builder.build();
    return asks() ? Sessions.whole(made, ticker) : Sessions.resumed(made, ticker);
  }

  private RevokingTrustManager less(Revocations revoked) {
    try {
      return RevokingTrustManager.of(
          WorkloadIdentity.certificates(authorities, "its authorities"), revoked);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public String toString() {
    return "ServerMaterial [redacted]";
  }
}
