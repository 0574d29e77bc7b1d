package dev.weft.routing.verticle.edge;

import dev.weft.config.model.Gateway.ServerTls;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.core.Secret;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.snapshot.PortServers.Owned;
import dev.weft.routing.snapshot.Snapshot;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What servers of gateways have to show, whether anybody called them or not. */
public final class EdgeCertificates {

  private EdgeCertificates() {}

  /**
   * Each leaf once, of servers that show one of their own; what cannot be read is left out. Blocks.
   *
   * @param issued what is shown where there is no Secret
   */
  public static List<X509Certificate> read(Snapshot snapshot, IssuedCertificates issued) {
    return snapshot.gateway().values().stream()
        .flatMap(port -> port.servers().servers().stream())
        .filter(EdgeCertificates::shows)
        .flatMap(server -> leaf(server, snapshot, issued).stream())
        .distinct()
        .toList();
  }

  /** Servers of {@code ISTIO_MUTUAL} show the identity of this process. */
  private static boolean shows(Owned server) {
    Optional<ServerTls> tls = server.server().tls();
    return !server.server().passesThrough()
        && tls.filter(one -> one.mode() != Mode.ISTIO_MUTUAL).isPresent();
  }

  private static Optional<X509Certificate> leaf(
      Owned server, Snapshot snapshot, IssuedCertificates issued) {
    try {
      String chain = ServerMaterial.read(server, name -> secret(snapshot, issued, name)).chain();
      return WorkloadIdentity.certificates(chain, "its certificate").stream().findFirst();
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty(); // whoever calls that server finds out, and it is told as a fault
    }
  }

  /** The data of a Secret, or what was obtained in its place. */
  static Optional<Map<String, String>> secret(
      Snapshot snapshot, IssuedCertificates issued, String name) {
    return snapshot.config().secrets().stream()
        .filter(secret -> secret.meta().qualifiedName().equals(name))
        .findFirst()
        .map(Secret::data)
        .or(() -> issued.of(name));
  }
}
