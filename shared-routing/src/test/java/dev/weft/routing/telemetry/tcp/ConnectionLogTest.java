package dev.weft.routing.telemetry.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Note;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConnectionLogTest {

  private static final Caller CALLER =
      Caller.anonymous("10.0.0.9", 4711, 5432, true)
          .met(new Handshake(Optional.of("db.test"), Optional.empty()), Optional.empty())
          .proved("spiffe://mesh.test/ns/prod/sa/shop", "prod")
          .meaning(new InetSocketAddress("fd96::7", 5432));

  private final HandTicker ticker = new HandTicker();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void aConnectionIsOneLineWithEverythingAboutIt() throws Exception {
    AccessLog log = AccessLog.start(() -> out, 16);
    Note note =
        new ConnectionLog(Optional.of(log), () -> Optional.of("42"), ticker).begin(CALLER, 255);
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
    assertThat(log.last()).as("requests only").isEmpty();
  }

  @Test
  void whereNothingIsWantedNothingIsNoted() throws Exception {
    AccessLog log = AccessLog.start(() -> out, 16);

    Note unwanted = new ConnectionLog(Optional.of(log), Optional::empty, ticker).begin(CALLER, 7);
    Note off = new ConnectionLog(Optional.empty(), () -> Optional.of("1"), ticker).begin(CALLER, 7);
    unwanted.ended();
    off.ended();
    log.close();

    assertThat(unwanted).isSameAs(ConnectionLog.NOTHING);
    assertThat(off).isSameAs(ConnectionLog.NOTHING);
    assertThat(out.size()).isZero();
  }
}
