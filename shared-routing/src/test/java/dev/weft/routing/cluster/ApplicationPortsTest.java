package dev.weft.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.telemetry.HandTicker;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which address of the own application is tried, and which then. */
final class ApplicationPortsTest {

  private final HandTicker ticker = new HandTicker();
  private final ApplicationPorts ports = new ApplicationPorts(ticker, false);

  @Test
  void overIPv4WhereItWasMeantIsFirstAndLoopbackNext() {
    InetSocketAddress meant = at("10.77.0.1", 9000);

    assertThat(ports.first(meant)).isEqualTo(meant);
    assertThat(ports.other(meant, meant)).contains(at("127.0.0.1", 9000));
  }

  @Test
  void overIPv6LoopbackIsFirstAndWhereItWasMeantNext() {
    InetSocketAddress meant = at("fd77::1", 9000);
    InetSocketAddress loopback = at("::1", 9000);

    assertThat(ports.first(meant)).isEqualTo(loopback);
    assertThat(ports.other(meant, loopback)).contains(meant);
    ports.taken(meant, meant);
    assertThat(ports.first(meant)).isEqualTo(meant);
    assertThat(ports.other(meant, meant)).contains(loopback);
    assertThat(ports.first(meant)).as("as before").isEqualTo(loopback);
  }

  @Test
  void fromACallersAddressWhereItWasMeantIsFirstOverIPv6Too() {
    InetSocketAddress meant = at("fd77::1", 9000);
    ApplicationPorts transparent = new ApplicationPorts(ticker, true);

    assertThat(transparent.first(meant)).isEqualTo(meant);
    assertThat(transparent.other(meant, meant)).contains(at("::1", 9000));
  }

  @Test
  void whatTookItIsFirstForTenSecondsAtThatPortOfThatFamily() {
    InetSocketAddress meant = at("10.77.0.1", 9000);
    InetSocketAddress loopback = at("127.0.0.1", 9000);
    InetSocketAddress six = at("fd77::1", 9000);
    InetSocketAddress usual = ports.first(six);
    InetSocketAddress next = at("10.77.0.1", 9001);

    ports.taken(meant, loopback);

    assertThat(ports.first(meant)).isEqualTo(loopback);
    assertThat(ports.first(six)).isEqualTo(usual);
    assertThat(ports.first(next)).isEqualTo(next);
    ticker.turn(Duration.ofSeconds(11));
    assertThat(ports.first(meant)).isEqualTo(meant);
  }

  @Test
  void whereLoopbackRefusesItIsWhereItWasMeantFromThenOn() {
    InetSocketAddress meant = at("10.77.0.1", 9000);
    InetSocketAddress loopback = at("127.0.0.1", 9000);
    ports.taken(meant, loopback);

    assertThat(ports.other(meant, loopback)).contains(meant);
    ports.taken(meant, meant);

    assertThat(ports.first(meant)).isEqualTo(meant);
  }

  @Test
  void portsOfThisProcessAreNotReachedByLoopback() {
    ports.own(15000);

    for (String address : new String[] {"10.77.0.1", "fd77::1"}) {
      InetSocketAddress meant = at(address, 15000);
      assertThat(ports.first(meant)).isEqualTo(meant);
      assertThat(ports.other(meant, meant)).isEmpty();
    }
  }

  @Test
  void onlyWhatNobodyTookIsTriedElsewhere() {
    assertThat(ApplicationPorts.refused(new ConnectException("Connection refused"))).isTrue();
    assertThat(ApplicationPorts.refused(new ConnectTimeoutException("10 s"))).isFalse();
    assertThat(ApplicationPorts.refused(new NoRouteToHostException("no route"))).isFalse();
    assertThat(ApplicationPorts.refused(new IOException("reset"))).isFalse();
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(address, port);
  }
}
