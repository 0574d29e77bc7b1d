package dev.weft.routing.transport.delivery;

import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.cluster.Delivery;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Opens a connection to the own application where it listens: at most twice, the second time only
 * where nobody took the first one, so that nothing was sent.
 *
 * @param from the address of a connection to where its caller meant; empty for any
 */
public record Delivering(Opener opener, ApplicationPorts ports, Optional<String> from) {

  /** Opens a connection. */
  public interface Opener {
    /**
     * @param from the address that it comes from; empty for any of this machine
     */
    Future<HttpClientConnection> open(HttpConnectOptions options, Optional<String> from);
  }

  /**
   * @param options to where its caller meant
   */
  public Future<HttpClientConnection> open(HttpConnectOptions options) {
    InetSocketAddress meant = new InetSocketAddress(options.getHost(), options.getPort());
    InetSocketAddress first = ports.first(meant);
    return open(options, meant, first)
        .recover(
            cause -> {
              Future<HttpClientConnection> failed = Future.failedFuture(cause);
              return ApplicationPorts.refused(cause)
                  ? ports
                      .other(meant, first)
                      .map(at -> again(options, meant, at).recover(both -> failed))
                      .orElse(failed)
                  : failed;
            });
  }

  private Future<HttpClientConnection> again(
      HttpConnectOptions options, InetSocketAddress meant, InetSocketAddress at) {
    return open(options, meant, at).onSuccess(taken -> ports.taken(meant, at));
  }

  private Future<HttpClientConnection> open(
      HttpConnectOptions options, InetSocketAddress meant, InetSocketAddress at) {
    if (at.equals(meant)) {
      return opener.open(options, from);
    }
    SocketAddress there =
        SocketAddress.inetSocketAddress(at.getPort(), at.getAddress().getHostAddress());
    return opener.open(
        new HttpConnectOptions(options).setServer(there),
        Optional.of(Delivery.from(at.getAddress())));
  }
}
