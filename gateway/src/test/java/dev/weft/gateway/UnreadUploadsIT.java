package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.testkit.KernelQueues;
import dev.weft.testkit.Tools;
import dev.weft.testkit.load.Figures;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Callers send much to a service that reads none of it. */
final class UnreadUploadsIT extends GatewayFixture {

  private static final int CALLERS = 8;
  private static final int BUFFER = 1 << 14; // of both ends' sockets
  private static final long MOST_HELD = 256 << 10; // of each: kept for a retry, and on its way
  private static final ByteBuffer MUCH = ByteBuffer.allocate(1 << 16);

  @Test
  void whatAServiceDoesNotReadIsNotReadFromItsCallers() throws Exception {
    assumeTrue(Tools.there(KernelQueues.known(), "what the kernel holds"), "Linux");
    try (ServerSocket deaf = new ServerSocket()) {
      deaf.setReceiveBufferSize(BUFFER);
      deaf.setSoTimeout(PATIENCE_SECONDS * 1000);
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(deaf.getLocalPort()));
      List<SocketChannel> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(caller());
      }

      List<Long> taken = new ArrayList<>();
      for (SocketChannel caller : callers) {
        taken.add(sent(caller));
      }
      long sum = taken.stream().mapToLong(Long::longValue).sum();
      long held = (sum - KernelQueues.bytes(port, deaf.getLocalPort())) / CALLERS;
      for (SocketChannel caller : callers) {
        caller.close();
      }

      Figures.tell("uploads that nobody reads: %s taken, %d held of each".formatted(taken, held));
      assertThat(taken).allSatisfy(bytes -> assertThat(bytes).isGreaterThan(1L << 16));
      assertThat(held).isLessThanOrEqualTo(MOST_HELD);
      for (int i = 0; i < CALLERS; i++) {
        assertThat(ends(deaf.accept())).as("the callers' ends were heard").isTrue();
      }
    }
  }

  /** Whether its end comes in time, behind all that is on its way. */
  private static boolean ends(Socket connection) throws IOException {
    connection.setSoTimeout(PATIENCE_SECONDS * 1000);
    try (connection) {
      return connection.getInputStream().transferTo(OutputStream.nullOutputStream()) > 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  private SocketChannel caller() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    String head = "POST / HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 99999999\r\n\r\n";
    assertThat(channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo(head.length());
    channel.configureBlocking(false);
    return channel;
  }

  /** Bytes that were taken until no more are for a while. */
  private long sent(SocketChannel caller) throws Exception {
    long sum = 0;
    int idle = 0;
    while (idle < 100) {
      long more = caller.write(MUCH.duplicate());
      sum += more;
      idle = more > 0 ? 0 : idle + 1;
      await(vertx.timer(5, TimeUnit.MILLISECONDS));
    }
    return sum;
  }
}
