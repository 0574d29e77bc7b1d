package dev.weft.routing.listener.connection;

import dev.weft.routing.identity.certificate.Revocations;
import io.vertx.core.http.HttpConnection;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Ends connections whose callers' certificates were revoked since their handshakes. Costs something
 * only where there is another list than before. One event loop's own.
 */
public final class RevokedPeers {

  private final Consumer<HttpConnection> cut;
  private Revocations known = Revocations.NONE;

  /**
   * @param cut ends a connection at once, whatever is on its way
   */
  public RevokedPeers(Consumer<HttpConnection> cut) {
    this.cut = cut;
  }

  /**
   * To be called about once a second.
   *
   * @param now what is revoked
   */
  public void look(Revocations now, OpenConnections all) {
    boolean same = now.equals(known);
    known = now; // which the next one is compared to without looking at all of it
    if (same) {
      return;
    }
    List<HttpConnection> revoked = new ArrayList<>(0);
    all.each(
        (connection, open) -> {
          if (connection.isSsl() && isRevoked(connection)) {
            revoked.add(connection);
          }
        });
    revoked.forEach(cut);
  }

  private boolean isRevoked(HttpConnection connection) {
    return isRevoked(connection, known);
  }

  /** Whether what a connection's peer showed was taken back, perhaps since its handshake began. */
  public static boolean isRevoked(HttpConnection connection, Revocations by) {
    try {
      List<Certificate> shown = connection.peerCertificates();
      return shown != null && by.revokedAny(shown);
    } catch (SSLPeerUnverifiedException e) {
      return false; // it showed none
    }
  }
}
