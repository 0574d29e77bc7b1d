package dev.weft.routing.identity;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.engine.BoringSsl;
import dev.weft.routing.identity.engine.Sessions;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * TLS made of an identity: what listeners show and ask for, and what connections to other workloads
 * do. TLS 1.3, and 1.2 for those that cannot; BoringSSL where it loads, the JDK's otherwise.
 */
public final class MeshTls {

  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  private MeshTls() {}

  /** Whether BoringSSL is used. */
  public static boolean boringSsl() {
    return BoringSsl.available();
  }

  /** The engine that every TLS context of this process is made with. */
  public static SslProvider provider() {
    return boringSsl() ? SslProvider.OPENSSL : SslProvider.JDK;
  }

  /** The same engine, for the clients and servers that Vert.x makes. */
  public static SSLEngineOptions engine() {
    return boringSsl() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions();
  }

  /** What is offered by ALPN where HTTP is spoken. */
  public static ApplicationProtocolConfig alpn() {
    return alpn(List.of("h2", "http/1.1"));
  }

  /**
   * What is shown to an authority that asks for a proof of a name by TLS-ALPN-01 (RFC 8737).
   *
   * @throws SSLException where it cannot be used
   */
  public static SslContext proof(PrivateKey key, X509Certificate proof) throws SSLException {
    return SslContextBuilder.forServer(key, proof)
        .sslProvider(provider())
        .protocols(VERSIONS)
        .applicationProtocolConfig(alpn(List.of("acme-tls/1")))
        .build();
  }

  private static ApplicationProtocolConfig alpn(List<String> protocols) {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }

  /**
   * For a listener of the mesh.
   *
   * @throws SSLException where key and certificate cannot be used
   */
  public static SslContext server(WorkloadIdentity identity, Ticker ticker) throws SSLException {
    return server(identity, ticker, provider(), alpn());
  }

  /**
   * As the other, where something else than HTTP is taken too.
   *
   * @param protocol its name for ALPN
   */
  public static SslContext server(WorkloadIdentity identity, Ticker ticker, String protocol)
      throws SSLException {
    return server(identity, ticker, provider(), alpn(List.of("h2", "http/1.1", protocol)));
  }

  /**
   * For a port of a gateway whose callers are workloads of the mesh.
   *
   * @param http whether HTTP is spoken inside
   * @throws SSLException where key and certificate cannot be used
   */
  public static SslContext gateway(
      WorkloadIdentity identity, Ticker ticker, List<String> versions, boolean http)
      throws SSLException {
    return server(
        identity, ticker, provider(), versions, http ? alpn() : ApplicationProtocolConfig.DISABLED);
  }

  /**
   * @param provider whose engine does the work; both refuse the same peers
   */
  static SslContext server(WorkloadIdentity identity, Ticker ticker, SslProvider provider)
      throws SSLException {
    return server(identity, ticker, provider, alpn());
  }

  private static SslContext server(
      WorkloadIdentity identity,
      Ticker ticker,
      SslProvider provider,
      ApplicationProtocolConfig alpn)
      throws SSLException {
    return server(identity, ticker, provider, VERSIONS, alpn);
  }

  /** Whoever calls proves itself each time: a session would outlive what it was proved with. */
  private static SslContext server(
      WorkloadIdentity identity,
      Ticker ticker,
      SslProvider provider,
      List<String> versions,
      ApplicationProtocolConfig alpn)
      throws SSLException {
    return Sessions.whole(
        SslContextBuilder.forServer(keys(identity, provider))
            .sslProvider(provider)
            .protocols(versions)
            .clientAuth(ClientAuth.REQUIRE)
            .trustManager(trust(identity, ticker))
            .applicationProtocolConfig(alpn)
            .build(),
        ticker);
  }

  /**
   * For connections to other workloads that are not HTTP; the peer's id is verified by whoever
   * connects.
   *
   * @param protocol the only one that is offered by ALPN
   * @throws SSLException where key and certificate cannot be used
   */
  public static SslContext client(WorkloadIdentity identity, Ticker ticker, String protocol)
      throws SSLException {
    return SslContextBuilder.forClient()
        .keyManager(keys(identity, provider()))
        .sslProvider(provider())
        .protocols(VERSIONS)
        .endpointIdentificationAlgorithm("") // it has a SPIFFE id, and no name
        .trustManager(trust(identity, ticker))
        .applicationProtocolConfig(alpn(List.of(protocol)))
        .build();
  }

  /** BoringSSL takes key and chain over once, not for each handshake. */
  private static KeyManagerFactory keys(WorkloadIdentity identity, SslProvider provider) {
    KeyManagerFactory one = new OneKeyFactory(new OneKey(identity));
    return provider == SslProvider.JDK ? one : new OpenSslCachingX509KeyManagerFactory(one);
  }

  /** For connections to other workloads; the peer's id is verified by whoever connects. */
  public static ClientSSLOptions client(WorkloadIdentity identity, Ticker ticker) {
    return client(identity, trust(identity, ticker));
  }

  /** For connections to the control plane, and to nobody else. */
  public static ClientSSLOptions toControl(WorkloadIdentity identity, Ticker ticker) {
    return to(identity, SpiffeId.control(identity.id().trustDomain()), ticker);
  }

  /** For connections to one workload, and to nobody else. */
  public static ClientSSLOptions to(WorkloadIdentity identity, SpiffeId peer, Ticker ticker) {
    return client(identity, trusting(identity, peer, ticker));
  }

  /** Trusts one workload of the mesh, and nobody else. */
  public static MeshTrustManager trusting(WorkloadIdentity identity, SpiffeId peer, Ticker ticker) {
    return new MeshTrustManager(
        identity.roots(),
        identity.revoked(),
        identity.id().trustDomain(),
        ticker,
        Optional.of(peer));
  }

  /** For a port that the control plane alone may call. */
  public static ServerSSLOptions forControl(WorkloadIdentity identity, Ticker ticker) {
    SpiffeId control = SpiffeId.control(identity.id().trustDomain());
    ServerSSLOptions options = control(identity, ticker);
    options.setClientAuth(io.vertx.core.http.ClientAuth.REQUIRED);
    options.setTrustOptions(TrustOptions.wrap(trusting(identity, control, ticker)));
    return options;
  }

  private static ClientSSLOptions client(WorkloadIdentity identity, MeshTrustManager trust) {
    ClientSSLOptions options = new ClientSSLOptions();
    options.setHostnameVerificationAlgorithm("");
    options.setEnabledSecureTransportProtocols(Set.copyOf(VERSIONS));
    options.setKeyCertOptions(KeyCertOptions.wrap(new OneKey(identity)));
    options.setTrustOptions(TrustOptions.wrap(trust));
    return options;
  }

  /**
   * For the control plane: a caller's certificate is asked for and verified, but may lack, since a
   * joining workload has none yet.
   */
  public static ServerSSLOptions control(WorkloadIdentity identity, Ticker ticker) {
    ServerSSLOptions options = new ServerSSLOptions();
    options.setClientAuth(io.vertx.core.http.ClientAuth.REQUEST);
    options.setEnabledSecureTransportProtocols(Set.copyOf(VERSIONS));
    options.setKeyCertOptions(KeyCertOptions.wrap(new OneKey(identity)));
    options.setTrustOptions(TrustOptions.wrap(trust(identity, ticker)));
    return options;
  }

  /**
   * For joining: nothing is shown, and the only control plane that is trusted is one under these
   * roots.
   *
   * @param fingerprints SHA-256 of the roots, as {@link Pem#fingerprint} gives it
   */
  public static ClientSSLOptions joining(
      Set<String> fingerprints, SpiffeId control, Ticker ticker) {
    ClientSSLOptions options = new ClientSSLOptions();
    options.setHostnameVerificationAlgorithm("");
    options.setEnabledSecureTransportProtocols(Set.copyOf(VERSIONS));
    options.setTrustOptions(
        TrustOptions.wrap(new PinnedTrustManager(fingerprints, control, ticker)));
    return options;
  }

  private static MeshTrustManager trust(WorkloadIdentity identity, Ticker ticker) {
    return new MeshTrustManager(
        identity.roots(), identity.revoked(), identity.id().trustDomain(), ticker);
  }

  /**
   * Shows one certificate to everybody. Vert.x and Netty would put a PEM key into a key store of
   * their own, which costs a cold process up to half a second, and a hundred classes.
   */
  private static final class OneKey extends X509ExtendedKeyManager {

    private static final String ALIAS = "workload";

    private final WorkloadIdentity identity;

    OneKey(WorkloadIdentity identity) {
      this.identity = identity;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return ALIAS;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return ALIAS;
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return ALIAS;
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return ALIAS;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return identity.chain().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return identity.key();
    }
  }

  /** For Netty, which asks a factory. */
  private static final class OneKeyFactory extends SimpleKeyManagerFactory {

    private final OneKey key;

    OneKeyFactory(OneKey key) {
      this.key = key;
    }

    @Override
    protected void engineInit(KeyStore store, char[] password) {}

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {}

    @Override
    protected KeyManager[] engineGetKeyManagers() {
      return new KeyManager[] {key};
    }
  }
}
