package dev.weft.control.catalogue;

import dev.weft.control.issue.JsonErrors;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.discovery.ServiceNames;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.clock.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.servicediscovery.Record;
import io.vertx.servicediscovery.ServiceDiscovery;
import io.vertx.servicediscovery.kubernetes.KubernetesServiceImporter;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which Services a cluster has, by name, type and ports: imported into Vert.x service discovery by
 * its bridge to Kubernetes, and told by {@code GET /services}. Nothing is routed by it, and nothing
 * waits for it.
 *
 * <p>The bridge trusts any server, reads its token once, and spins on a version that is gone. So it
 * asks {@link Relay}, with a token that is good for nothing else; the API server is asked by {@link
 * ServiceNames}, as all else of it is. Where {@code KUBERNETES_SERVICE_HOST} is set the bridge goes
 * there, whatever it is told: unless that is this machine's own address, it is not started.
 *
 * <p>Belongs to one event loop.
 */
public final class Catalogue {

  private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);
  private static final String HOST = "KUBERNETES_SERVICE_HOST";
  private static final String PORT = "KUBERNETES_SERVICE_PORT";
  private static final String LOOPBACK = "127.0.0.1";
  private static final int TOKEN_BYTES = 32;
  private static final int NOT_YET = 503;
  private static final long IMPORT_SECONDS = 30;

  private final Vertx vertx;
  private final Context context;
  private final Map<String, String> environment;
  private final String token;
  private final Relay relay;
  private final ServiceNames names;
  private Optional<ServiceDiscovery> discovery = Optional.empty();
  private boolean ready;
  private boolean closed;

  /**
   * @param pace shared by all that ask this API server
   * @param environment of the process
   */
  public Catalogue(
      Vertx vertx, KubernetesApi api, Pace pace, Map<String, String> environment, Ticker ticker) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.environment = Map.copyOf(environment);
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    this.token = HexFormat.of().formatHex(random);
    this.relay = new Relay(vertx, ticker, token);
    this.names =
        new ServiceNames(
            api,
            pace,
            changes -> context.runOnContext(now -> relay.show(changes)),
            sentence -> LOG.warn("{}; what was read before stays", sentence));
  }

  /**
   * Begins; what there is, is told once the API server has told it.
   *
   * @return done when it is; fails with a sentence where it never will
   */
  public Future<Void> open() {
    int port;
    try {
      port = port(environment);
    } catch (IllegalArgumentException elsewhere) {
      return Future.failedFuture(elsewhere.getMessage());
    }
    return names
        .start()
        .compose(listed -> onContext())
        .compose(here -> relay.listen(port))
        .compose(this::imported);
  }

  /**
   * The port that the importer will ask; 0 where it asks the one that it is told.
   *
   * @throws IllegalArgumentException where it will ask another server
   */
  static int port(Map<String, String> environment) {
    String host = environment.get(HOST);
    String port = environment.get(PORT);
    if (host == null && port == null) {
      return 0;
    }
    if (!LOOPBACK.equals(host) || port == null || !port.matches("[1-9]\\d{0,4}")) {
      throw new IllegalArgumentException(
          HOST
              + " and "
              + PORT
              + " are "
              + host
              + " and "
              + port
              + " (expected: 127.0.0.1 and a free port, with WEFT_KUBERNETES_HOST and"
              + " WEFT_KUBERNETES_PORT for the API server)");
    }
    return Integer.parseInt(port);
  }

  /** The names tell on a thread of their own. */
  private Future<Void> onContext() {
    return Future.future(promise -> context.runOnContext(now -> promise.complete()));
  }

  private Future<Void> imported(int port) {
    if (closed) {
      return relay.close();
    }
    ServiceDiscovery made = ServiceDiscovery.create(vertx);
    discovery = Optional.of(made);
    JsonObject settings =
        new JsonObject()
            .put("host", LOOPBACK)
            .put("port", port)
            .put("ssl", false)
            .put("namespace", Gate.ALL)
            .put("token", token);
    return made.registerServiceImporter(new KubernetesServiceImporter(), settings)
        .timeout(IMPORT_SECONDS, TimeUnit.SECONDS)
        .<Void>mapEmpty()
        .onFailure(cause -> made.close())
        .onSuccess(
            done -> {
              ready = true;
              LOG.info("the catalogue of Services is told by GET /services");
            });
  }

  /** {@code GET /services}; for a router that this machine alone reaches. */
  public void mountAdmin(Router router) {
    router.get("/services").handler(this::tell);
  }

  private void tell(RoutingContext asked) {
    if (!ready) {
      JsonErrors.end(asked, NOT_YET, "the API server has not told which Services there are");
      return;
    }
    discovery
        .orElseThrow()
        .getRecords(record -> true)
        .onSuccess(records -> asked.json(new JsonObject().put("services", json(records))))
        .onFailure(asked::fail);
  }

  private static JsonArray json(List<Record> records) {
    JsonArray all = new JsonArray();
    records.stream()
        .sorted(Comparator.comparing(Catalogue::namespace).thenComparing(Record::getName))
        .forEach(
            record ->
                all.add(
                    new JsonObject()
                        .put("namespace", namespace(record))
                        .put("name", record.getName())
                        .put("type", record.getMetadata().getString(Shown.TYPE))
                        .put("ports", new JsonArray(record.getMetadata().getString(Shown.PORTS)))));
    return all;
  }

  private static String namespace(Record record) {
    return record.getMetadata().getString("kubernetes.namespace");
  }

  /** Ends the importer first, so that it asks for nothing that is not there any more. */
  public Future<Void> close() {
    closed = true;
    ready = false;
    discovery.ifPresent(ServiceDiscovery::close);
    return relay.close().transform(done -> vertx.executeBlocking(this::namesClosed)).mapEmpty();
  }

  private boolean namesClosed() {
    names.close();
    return true;
  }
}
