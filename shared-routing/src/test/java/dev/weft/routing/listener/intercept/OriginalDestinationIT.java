package dev.weft.routing.listener.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Tools;
import dev.weft.testkit.net.Pod;
import dev.weft.testkit.net.PodNetwork;
import io.netty.channel.Channel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.transport.Transport;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server in a namespace learns of connections that real rules redirect to it. */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class OriginalDestinationIT {

  private static final int OWN = 15006;

  private PodNetwork network;
  private Process server;

  static boolean possible() {
    return Tools.there(PodNetwork.missing().stream());
  }

  @BeforeEach
  void open() throws IOException {
    network = PodNetwork.open();
    for (String tool : new String[] {"iptables", "ip6tables"}) {
      redirect(tool, "PREROUTING", "!", "--dport", Integer.toString(OWN));
      redirect(tool, "OUTPUT", "!", "-o", "lo");
    }
    server =
        new ProcessBuilder(
                network
                    .first()
                    .line(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Telling.class.getName()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader said = server.inputReader();
    assertThat(said.readLine()).isEqualTo("listening");
  }

  private void redirect(String tool, String chain, String... which) throws IOException {
    String[] line = {tool, "-t", "nat", "-A", chain, "-p", "tcp"};
    String[] action = {"-j", "REDIRECT", "--to-ports", Integer.toString(OWN)};
    String[] all = new String[line.length + which.length + action.length];
    System.arraycopy(line, 0, all, 0, line.length);
    System.arraycopy(which, 0, all, line.length, which.length);
    System.arraycopy(action, 0, all, line.length + which.length, action.length);
    network.first().run(all);
  }

  @AfterEach
  void close() {
    if (server != null) {
      server.destroyForcibly();
    }
    network.close();
  }

  @ParameterizedTest
  @CsvSource({
    "10.77.0.1, 8080, 10.77.0.1:8080",
    "10.77.0.1, 1, 10.77.0.1:1",
    "fd77::1, 9090, fd77:0:0:0:0:0:0:1:9090"
  })
  void whatArrivesTellsThePortThatItsCallerMeant(String address, int port, String told)
      throws IOException {
    assertThat(asked(network.second(), address, port)).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource({
    "10.77.0.2, 443, 10.77.0.2:443",
    "192.0.2.7, 80, 192.0.2.7:80",
    "2001:db8::7, 80, 2001:db8:0:0:0:0:0:7:80"
  })
  void whatLeavesTellsTheAddressThatWasMeantThereOrNot(String address, int port, String told)
      throws IOException {
    assertThat(asked(network.first(), address, port)).isEqualTo(told);
  }

  @Test
  void whatNobodyRedirectedIsALoopOrHasNone() throws IOException {
    assertThat(asked(network.second(), "10.77.0.1", OWN)).isIn("loop", "none");
    assertThat(asked(network.second(), "fd77::1", OWN)).isIn("loop", "none");
    assertThat(asked(network.first(), "127.0.0.1", OWN)).isIn("loop", "none");
  }

  private static String asked(Pod from, String address, int port) throws IOException {
    String program =
        "import socket, sys; print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)"
            + ".makefile().read(), end='')";
    return from.run("python3", "-c", program, address, Integer.toString(port));
  }

  /** A server of its own process that tells each caller where it meant to go. */
  static final class Telling {

    private Telling() {}

    public static void main(String[] arguments) {
      PrintStream said =
          new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
      Vertx vertx = Vertx.builder().withTransport(Transport.EPOLL).build();
      vertx
          .createNetServer(new NetServerOptions().setHost("::").setPort(OWN))
          .connectHandler(Telling::tell)
          .listen()
          .onSuccess(open -> said.println("listening"))
          .onFailure(failed -> System.exit(1));
    }

    private static void tell(NetSocket socket) {
      Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
      InetSocketAddress local = (InetSocketAddress) channel.localAddress();
      Optional<InetSocketAddress> meant = OriginalDestination.of(channel);
      socket.end(
          Buffer.buffer(
              meant
                  .map(
                      one ->
                          OriginalDestination.loops(one, local, Set.of(OWN))
                              ? "loop"
                              : Objects.requireNonNull(one.getAddress()).getHostAddress()
                                  + ":"
                                  + one.getPort())
                  .orElse("none")));
    }
  }
}
