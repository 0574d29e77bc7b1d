package dev.weft.routing.verticle;

import dev.weft.routing.admin.AdminServer;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Owns the admin port, and those for metrics and health where they are wanted. */
public final class AdminVerticle extends VerticleBase {

  private static final Logger LOG = LoggerFactory.getLogger(AdminVerticle.class);

  private final List<Port> ports;
  private final IntConsumer opened;
  private final List<AdminServer> open = new ArrayList<>();

  /**
   * A port and what it shows.
   *
   * @param name of its flag, without the dashes
   * @param port 0 for a free one
   */
  public record Port(String name, String host, int port, Router router) {}

  /**
   * @param opened hears each port
   */
  public AdminVerticle(List<Port> ports, IntConsumer opened) {
    this.ports = List.copyOf(ports);
    this.opened = opened;
  }

  /** Opens them one after the other; fails with the first that is taken. */
  @Override
  public Future<?> start() {
    Future<?> opened = Future.succeededFuture();
    for (Port port : ports) {
      opened = opened.compose(before -> open(port));
    }
    return opened;
  }

  private Future<Void> open(Port port) {
    return AdminServer.listen(vertx, port.host(), port.port(), port.router())
        .recover(
            cause ->
                Future.failedFuture(
                    Listening.refused("--" + port.name(), port.host(), port.port(), cause)))
        .onSuccess(
            server -> {
              open.add(server);
              opened.accept(server.port());
              LOG.info("{} on http://{}:{}", port.name(), port.host(), server.port());
            })
        .mapEmpty();
  }

  @Override
  public Future<?> stop() {
    return Future.join(open.stream().map(AdminServer::close).toList());
  }
}
