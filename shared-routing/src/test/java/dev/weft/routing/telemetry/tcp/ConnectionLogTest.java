package dev.weft.routing.telemetry.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.telemetry.AccessLine;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Note;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Serving;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConnectionLogTest {

  private static final Caller CALLER =
      Caller.anonymous("10.0.0.9", 4711, 5432, true)
          .met(new Handshake(Optional.of("db.test"), Optional.empty()), Optional.empty())
          .proved("spiffe://mesh.test/ns/prod/sa/shop", "prod")
          .meaning(new InetSocketAddress("fd96::7", 5432));

  private static final Serving LOGGED = new Serving("42", true);
  private static final Serving UNWANTED = new Serving("42", false);

  private final Tap tap = new Tap();
  private final HandTicker ticker = new HandTicker();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void aConnectionIsOneLineWithEverythingAboutIt() throws Exception {
    AccessLog log = AccessLog.start(() -> out, 16);
    Note note = new ConnectionLog(Optional.of(log), tap, () -> LOGGED, ticker).begin(CALLER, 255);
    long[] counted = new long[2];

    note.carried("prod/db#tcp[0]", ClusterName.outbound("db.test", 5432, "v1"), "10.0.0.2:5432", 2);
    note.received(bytes -> counted[0] += bytes).accept(3);
    note.sent(bytes -> counted[1] += bytes).accept(70_000);
    note.trouble("endpoint_reset", "");
    note.trouble("caller_reset", "what follows from the first says nothing");
    ticker.turn(Duration.ofNanos(1_500_499_000));
    note.ended();
    log.close();

    assertThat(new JsonObject(out.toString(StandardCharsets.US_ASCII)))
        .isEqualTo(
            new JsonObject()
                .put("time", "2026-11-24T12:00:00.000Z")
                .put("protocol", "tcp")
                .put("destination", "[fd96::7]:5432")
                .put("server_name", "db.test")
                .put("cause", "endpoint_reset")
                .put("detail", "")
                .put("duration_ms", 1500.499)
                .put("bytes_in", 3)
                .put("bytes_out", 70_000)
                .put("route", "prod/db#tcp[0]")
                .put("cluster", "outbound|5432|v1|db.test")
                .put("endpoint", "10.0.0.2:5432")
                .put("attempts", 2)
                .put("config", "42")
                .put("seed", "00000000000000ff")
                .put("principal", "spiffe://mesh.test/ns/prod/sa/shop")
                .put("source", "10.0.0.9:4711"));
    assertThat(counted).containsExactly(3, 70_000);
    assertThat(log.last()).as("for whoever looks after the fact").hasSize(1);
  }

  @Test
  void whereNothingIsWantedNothingIsNoted() throws Exception {
    AccessLog log = AccessLog.start(() -> out, 16);

    Note unwanted =
        new ConnectionLog(Optional.of(log), tap, () -> UNWANTED, ticker).begin(CALLER, 7);
    Note off = new ConnectionLog(Optional.empty(), tap, () -> LOGGED, ticker).begin(CALLER, 7);
    unwanted.ended();
    off.ended();
    log.close();

    assertThat(unwanted).isSameAs(ConnectionLog.NOTHING);
    assertThat(off).isSameAs(ConnectionLog.NOTHING);
    assertThat(out.size()).isZero();
  }

  @Test
  void whoWatchesHearsOfThoseThatBeginMeanwhileWhateverIsLogged() throws Exception {
    AccessLog log = AccessLog.start(() -> out, 16);
    ConnectionLog connections = new ConnectionLog(Optional.of(log), tap, () -> UNWANTED, ticker);
    List<AccessLine.Entry> all = new ArrayList<>();
    List<AccessLine.Entry> some = new ArrayList<>();
    connections.begin(CALLER, 1).ended(); // nobody watches yet
    tap.watch(Tap.Filter.ALL, all::add);
    tap.watch(new Tap.Filter(Tap.Statuses.ANY, "db.test", "", "", "", 0), some::add);
    tap.watch(new Tap.Filter(new Tap.Statuses(500, 599), "", "", "", "", 0), some::add);

    connections.begin(CALLER, 2).ended();
    Note carried = connections.begin(CALLER, 3);
    carried.carried("", ClusterName.outbound("db.test", 5432, ""), "10.0.0.2:5432", 1);
    carried.ended();
    log.close();

    assertThat(all).extracting(AccessLine::text).hasSize(2).allMatch(line -> line.contains("tcp"));
    assertThat(some).as("by its cluster; it has no status").containsExactly(all.get(1));
    assertThat(out.size()).as("unwanted there").isZero();
  }
}
