package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.resilience.OwnConnections.Rounds;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OwnConnectionsTest {

  private static final SocketAddress HERE = new InetSocketAddress("10.77.0.1", 40_000);
  private static final SocketAddress POD = new InetSocketAddress("10.77.0.2", 8000);
  private static final SocketAddress SERVICE = new InetSocketAddress("10.96.0.7", 80);

  private static final Rounds NONE = Rounds.none();

  @Test
  void whoeverIsNotedSecondSeesTheOther() {
    OwnConnections first = OwnConnections.redirected();
    assertThat(first.opened(HERE, POD, NONE)).isFalse();
    assertThat(first.loops(first.accepted(HERE, POD))).isTrue();

    OwnConnections second = OwnConnections.redirected();
    assertThat(second.loops(second.accepted(HERE, POD))).isFalse();
    assertThat(second.opened(HERE, POD, NONE)).isTrue();
  }

  @Test
  void anApplicationMayHaveTheSamePortForAnotherDestination() {
    OwnConnections redirected = OwnConnections.redirected();
    redirected.opened(HERE, POD, NONE);

    assertThat(redirected.loops(redirected.accepted(HERE, SERVICE))).isFalse();
  }

  @Test
  void aCallerOnThisMachineMayHaveThePortOfAnyOtherConnection() {
    OwnConnections inFront = OwnConnections.byTheirOrigin();
    Rounds caller = inFront.accepted(HERE, SERVICE);

    assertThat(inFront.opened(HERE, POD, caller)).isFalse();
    assertThat(inFront.loops(caller)).isFalse();

    inFront.closed(HERE, SERVICE);
    assertThat(inFront.loops(inFront.accepted(HERE, SERVICE))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsInFrontMaySendNothingAroundForEver(boolean acceptedFirst) {
    OwnConnections inFront = OwnConnections.byTheirOrigin();
    Rounds caller = inFront.accepted(HERE, SERVICE);
    boolean seen = false;
    int rounds = 0;
    while (!seen && rounds < 10) {
      SocketAddress next = new InetSocketAddress("10.77.0.1", 41_000 + rounds++);
      if (acceptedFirst) {
        Rounds back = inFront.accepted(next, SERVICE);
        seen = inFront.opened(next, POD, caller);
        caller = back;
      } else {
        seen = inFront.opened(next, POD, caller);
        caller = inFront.accepted(next, SERVICE);
      }
      seen |= inFront.loops(caller);
    }

    assertThat(rounds).isEqualTo(4);
  }

  @Test
  void whatIsOverIsForgotten() {
    OwnConnections own = OwnConnections.redirected();
    own.opened(HERE, POD, NONE);
    own.left(HERE, POD);
    assertThat(own.loops(own.accepted(HERE, POD))).isFalse();

    own.closed(HERE, POD);
    assertThat(own.opened(HERE, POD, NONE)).isFalse();
  }

  @Test
  void whoConnectsToAPortThatTakesRedirectedConnectionsIsALoopOnThisMachineAlone() {
    OwnConnections own = OwnConnections.redirected();
    own.takenAt(15006);

    assertThat(own.opened(HERE, new InetSocketAddress("10.77.0.1", 15006), NONE)).isTrue();
    assertThat(own.opened(HERE, new InetSocketAddress("10.77.0.1", 15007), NONE)).isFalse();
    assertThat(own.opened(HERE, new InetSocketAddress("10.77.0.2", 15006), NONE))
        .as("another pod's sidecar")
        .isFalse();
  }
}
