package dev.weft.routing.listener.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OriginalDestinationTest {

  @Test
  void whatTheKernelTellsIsReadInTheNetworksOrder() {
    ByteBuffer v4 = bytes("0200" + "1f90" + "0a4d0002" + "0000000000000000");
    ByteBuffer v6 =
        bytes("0a00" + "ffff" + "00000000" + "fd77000000000000000000000000000f" + "00000000");

    assertThat(OriginalDestination.address(v4, false))
        .isEqualTo(new InetSocketAddress("10.77.0.2", 8080));
    assertThat(OriginalDestination.address(v6, true))
        .isEqualTo(new InetSocketAddress("fd77::f", 65535));
  }

  @Test
  void aChannelThatIsNoSocketOfTheSystemHasNone() {
    assertThat(OriginalDestination.of(new EmbeddedChannel())).isEmpty();
  }

  @Test
  void whatWouldComeBackIsALoop() {
    Set<Integer> own = Set.of(15001, 15006);
    InetSocketAddress local = new InetSocketAddress("10.77.0.2", 15006);
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 15001);

    assertThat(loops("10.77.0.2", 15006, local, own)).as("nobody redirected it").isTrue();
    assertThat(loops("10.77.0.2", 15001, local, own)).as("the other port of ours").isTrue();
    assertThat(loops("127.0.0.1", 15006, loopback, own)).as("by loopback").isTrue();
    assertThat(loops("10.77.0.2", 8080, local, own)).as("the application").isFalse();
    assertThat(loops("10.77.0.9", 15001, loopback, own)).as("another's proxy").isFalse();
  }

  private static boolean loops(
      String address, int port, InetSocketAddress local, Set<Integer> own) {
    return OriginalDestination.loops(new InetSocketAddress(address, port), local, own);
  }

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }
}
