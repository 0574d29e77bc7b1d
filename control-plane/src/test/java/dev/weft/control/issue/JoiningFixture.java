package dev.weft.control.issue;

import static dev.weft.control.issue.IssuingServer.MESH;
import static dev.weft.control.issue.IssuingServer.done;

import dev.weft.control.TurnedTicker;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity.Turns;
import dev.weft.routing.identity.join.JoinFiles;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that issues, and a workload that joins it with a folder of its own. */
abstract class JoiningFixture {

  static final SpiffeId SEARCH = new SpiffeId(MESH, "prod", "search");

  final TurnedTicker ticker = new TurnedTicker();
  final IdentityStore store = new IdentityStore();
  final BlockingQueue<WorkloadIdentity> published = new LinkedBlockingQueue<>();
  Vertx vertx;
  HttpClient client; // a client that nobody holds closes itself
  IssuingServer server;

  @TempDir Path folder;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    client = vertx.createHttpClient();
    store.onChange(published::add);
    server = new IssuingServer(vertx, folder.resolve("ca"), ticker);
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  ControlPlaneIdentity joining(String token) throws Exception {
    return joining(token, Turns.of(vertx, ticker));
  }

  ControlPlaneIdentity joining(String token, Turns turns) throws Exception {
    Path file = Files.writeString(folder.resolve("token"), token);
    return workload(Optional.of(file), store, turns);
  }

  ControlPlaneIdentity workload(Optional<Path> tokenFile, IdentityStore to, Turns turns) {
    return new ControlPlaneIdentity(
        vertx,
        new ControlPlaneIdentity.Address("127.0.0.1", server.port(), MESH),
        new JoinFiles(tokenFile, Optional.empty()),
        Optional.of(folder.resolve("state")),
        to,
        turns);
  }
}
