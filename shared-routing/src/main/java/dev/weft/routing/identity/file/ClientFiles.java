package dev.weft.routing.identity.file;

import dev.weft.config.model.TrafficPolicy.ClientTls;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.certificate.RevokingTrustManager;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one {@code tls} block and the options that they make. A set that is half written,
 * broken or gone keeps the last good one, and is told once.
 */
final class ClientFiles {

  private static final Logger LOG = LoggerFactory.getLogger(ClientFiles.class);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int PATIENCE_SECONDS = 2; // with a file system; then what is known serves

  private final ClientTls settings;
  private final Ticker ticker;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile Seen seen = new Seen(Optional.empty(), "", 0);
  private volatile @Nullable Made made;
  private volatile String lastEnd = "";

  /** A context, and the options that it is made of. */
  private record Made(ClientSSLOptions options, SslContext context) {}

  /** Contents; empty where no such file is named. */
  private record Material(String authorities, String lists, String chain, String key) {
    @Override
    public String toString() {
      return "Material [redacted]";
    }
  }

  private record Good(Material material, ClientSSLOptions options, Revocations revoked) {}

  /**
   * What the last look found.
   *
   * @param good the newest that was
   * @param failure empty where it was good
   * @param until it need not be looked at again; 0 before the first look
   */
  private record Seen(Optional<Good> good, String failure, long until) {

    Future<ClientSSLOptions> options() {
      return good.map(known -> Future.succeededFuture(known.options))
          .orElseGet(() -> Future.failedFuture(failure));
    }
  }

  ClientFiles(ClientTls settings, Ticker ticker) {
    this.settings = settings;
    this.ticker = ticker;
  }

  /** As the files are now, give or take a second. */
  Future<ClientSSLOptions> options(Vertx vertx) {
    Seen known = seen;
    boolean fresh = known.until != 0 && known.until - ticker.nanos() > 0;
    if (fresh || (known.good.isPresent() && !looking.compareAndSet(false, true))) {
      return known.options();
    }
    Future<ClientSSLOptions> look =
        vertx
            .executeBlocking(this::look, false)
            .onComplete(looked -> looking.set(false))
            .compose(Seen::options);
    return known.good.isEmpty()
        ? look
        : look.timeout(PATIENCE_SECONDS, TimeUnit.SECONDS).recover(late -> known.options());
  }

  /** The same as a context, which is made once of the same options. */
  @SuppressWarnings("ReferenceEquality") // new files make new options
  Future<SslContext> context(Vertx vertx) {
    return options(vertx)
        .compose(
            options -> {
              Made known = made;
              return known != null && known.options == options
                  ? Future.succeededFuture(known.context)
                  : vertx.executeBlocking(() -> made(options, vertx), false);
            });
  }

  private SslContext made(ClientSSLOptions options, Vertx vertx) throws Exception {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(MeshTls.provider())
            .protocols("TLSv1.3", "TLSv1.2")
            .endpointIdentificationAlgorithm(options.getHostnameVerificationAlgorithm());
    TrustOptions trusted = options.getTrustOptions();
    if (trusted instanceof PemTrustOptions trust) {
      builder.trustManager(new ByteArrayInputStream(trust.getCertValues().get(0).getBytes()));
    } else if (trusted != null) {
      builder.trustManager(trusted.getTrustManagerFactory(vertx));
    }
    if (options.getKeyCertOptions() instanceof PemKeyCertOptions own) {
      builder.keyManager(
          new ByteArrayInputStream(own.getCertValue().getBytes()),
          new ByteArrayInputStream(own.getKeyValue().getBytes()));
    }
    Made fresh = new Made(options, builder.build());
    made = fresh;
    return fresh.context;
  }

  private synchronized Seen look() {
    Optional<Good> before = seen.good;
    String failure = "";
    Optional<Good> now = before;
    try {
      Material material = read();
      if (before.filter(good -> good.material.equals(material)).isEmpty()) {
        now = Optional.of(good(material));
        before.ifPresent(other -> LOG.info("{} changed and is used from now on", names()));
      }
    } catch (NoSuchFileException e) {
      failure = "there is no " + e.getMessage();
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      failure = String.valueOf(e.getMessage()); // names its file
    }
    if (!failure.isEmpty() && !failure.equals(seen.failure)) {
      LOG.warn("{}{}", failure, before.isPresent() ? "; what was read before stays" : "");
    }
    now.ifPresent(this::tellOfEnd);
    seen = new Seen(now, failure, Math.max(1, ticker.nanos() + LOOK_NANOS));
    return seen;
  }

  private String names() {
    return String.join(
            " ",
            settings.clientCertificate(),
            settings.privateKey(),
            settings.caCertificates(),
            settings.caCrl())
        .strip();
  }

  private Material read() throws IOException {
    return new Material(
        text(settings.caCertificates()),
        settings.caCrl().isEmpty() ? "" : lists(Path.of(settings.caCrl())),
        text(settings.clientCertificate()),
        text(settings.privateKey()));
  }

  private static String text(String file) throws IOException {
    return file.isEmpty() ? "" : Files.readString(Path.of(file));
  }

  private static String lists(Path file) throws IOException {
    if (Files.size(file) > Revocations.LARGEST) {
      throw new IOException(file + " is larger than " + Revocations.LARGEST + " bytes");
    }
    return Files.readString(file);
  }

  private Good good(Material material) throws GeneralSecurityException {
    Revocations revoked =
        settings.caCrl().isEmpty()
            ? Revocations.NONE
            : Revocations.of(
                material.lists,
                settings.caCrl(),
                WorkloadIdentity.certificates(material.authorities, settings.caCertificates()),
                ticker.epochMillis());
    return new Good(material, options(material, revoked), revoked);
  }

  private void tellOfEnd(Good good) {
    String end = good.revoked.ended(ticker.epochMillis()).orElse("");
    if (!end.isEmpty() && !end.equals(lastEnd)) {
      LOG.warn("{}: {}", settings.caCrl(), end);
    }
    lastEnd = end;
  }

  private ClientSSLOptions options(Material material, Revocations revoked)
      throws GeneralSecurityException {
    ClientSSLOptions options = new ClientSSLOptions();
    boolean named = settings.subjectAltNames().isEmpty();
    options.setHostnameVerificationAlgorithm(named ? "HTTPS" : "");
    if (!settings.caCertificates().isEmpty()) {
      List<X509Certificate> trusted =
          WorkloadIdentity.certificates(material.authorities, settings.caCertificates());
      options.setTrustOptions(
          revoked.isEmpty()
              ? new PemTrustOptions().addCertValue(Buffer.buffer(material.authorities))
              : TrustOptions.wrap(RevokingTrustManager.of(trusted, revoked)));
    }
    if (!settings.clientCertificate().isEmpty()) {
      checked(material);
      options.setKeyCertOptions(
          new PemKeyCertOptions()
              .addCertValue(Buffer.buffer(material.chain))
              .addKeyValue(Buffer.buffer(material.key)));
    }
    return options;
  }

  private void checked(Material material) throws GeneralSecurityException {
    X509Certificate leaf =
        WorkloadIdentity.certificates(material.chain, settings.clientCertificate()).get(0);
    PrivateKey key =
        Pem.privateKey(material.key, leaf.getPublicKey().getAlgorithm(), settings.privateKey());
    if (!WorkloadIdentity.signs(key, leaf.getPublicKey())) {
      throw new InvalidKeyException(
          settings.privateKey() + " is not the key of " + settings.clientCertificate());
    }
  }
}
