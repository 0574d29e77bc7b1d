package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;

final class OwnConnectionsTest {

  private static final SocketAddress HERE = new InetSocketAddress("10.77.0.1", 40_000);
  private static final SocketAddress POD = new InetSocketAddress("10.77.0.2", 8000);
  private static final SocketAddress SERVICE = new InetSocketAddress("10.96.0.7", 80);

  @Test
  void whoeverIsNotedSecondSeesTheOther() {
    OwnConnections first = OwnConnections.redirected();
    assertThat(first.opened(HERE, POD)).isFalse();
    assertThat(first.accepted(HERE, POD)).isTrue();

    OwnConnections second = OwnConnections.redirected();
    assertThat(second.accepted(HERE, POD)).isFalse();
    assertThat(second.opened(HERE, POD)).isTrue();
  }

  @Test
  void anApplicationMayHaveTheSamePortForAnotherDestination() {
    OwnConnections redirected = OwnConnections.redirected();
    redirected.opened(HERE, POD);

    assertThat(redirected.accepted(HERE, SERVICE)).isFalse();

    OwnConnections inFront = OwnConnections.byTheirOrigin();
    inFront.opened(HERE, POD);

    assertThat(inFront.accepted(HERE, SERVICE)).as("a balancer may be between").isTrue();
  }

  @Test
  void whatIsOverIsForgotten() {
    OwnConnections own = OwnConnections.redirected();
    own.opened(HERE, POD);
    own.left(HERE, POD);
    assertThat(own.accepted(HERE, POD)).isFalse();

    own.closed(HERE, POD);
    assertThat(own.opened(HERE, POD)).isFalse();
  }

  @Test
  void whoConnectsToAPortThatTakesRedirectedConnectionsIsALoopOnThisMachineAlone() {
    OwnConnections own = OwnConnections.redirected();
    own.takenAt(15006);

    assertThat(own.opened(HERE, new InetSocketAddress("10.77.0.1", 15006))).isTrue();
    assertThat(own.opened(HERE, new InetSocketAddress("10.77.0.1", 15007))).isFalse();
    assertThat(own.opened(HERE, new InetSocketAddress("10.77.0.2", 15006)))
        .as("another pod's sidecar")
        .isFalse();
  }
}
