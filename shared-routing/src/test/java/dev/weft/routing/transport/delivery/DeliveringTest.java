package dev.weft.routing.transport.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.telemetry.HandTicker;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where connections to the own application are tried, without a network. */
final class DeliveringTest {

  private static final String POD = "10.77.0.1 from 127.0.0.6";
  private static final String LOOPBACK = "127.0.0.1 from 127.0.0.6";

  private final List<String> tried = new ArrayList<>();
  private final Map<String, Throwable> failures = new HashMap<>();
  private final ApplicationPorts ports = new ApplicationPorts(new HandTicker(), false);

  @Test
  void whoeverListensWhereItWasMeantIsAskedOnce() {
    assertThat(open().succeeded()).isTrue();

    assertThat(tried).containsExactly(POD);
  }

  @Test
  void whatIsRefusedIsTriedOnLoopbackAndGoesThereAtOnceFromThenOn() {
    failures.put(POD, new ConnectException("refused"));

    assertThat(open().succeeded()).isTrue();
    assertThat(open().succeeded()).isTrue();

    assertThat(tried).containsExactly(POD, LOOPBACK, LOOPBACK);
  }

  @Test
  void whatLoopbackRefusesLaterIsTriedWhereItWasMeant() {
    failures.put(POD, new ConnectException("refused"));
    open();
    failures.clear();
    failures.put(LOOPBACK, new ConnectException("refused"));

    assertThat(open().succeeded()).isTrue();
    assertThat(open().succeeded()).isTrue();

    assertThat(tried).containsExactly(POD, LOOPBACK, LOOPBACK, POD, POD);
  }

  @Test
  void whereBothRefuseTheFirstIsTold() {
    failures.put(POD, new ConnectException("refused there"));
    failures.put(LOOPBACK, new ConnectException("refused by loopback"));

    assertThat(open().cause()).hasMessage("refused there");
    assertThat(tried).containsExactly(POD, LOOPBACK);
  }

  @Test
  void whatFailsOtherwiseIsNotTriedAgain() {
    for (Throwable failure : List.of(new ConnectTimeoutException("late"), new IOException("x"))) {
      tried.clear();
      failures.put(POD, failure);

      assertThat(open().cause()).isSameAs(failure);

      assertThat(tried).containsExactly(POD);
    }
  }

  private Future<HttpClientConnection> open() {
    HttpConnectOptions options = new HttpConnectOptions().setHost("10.77.0.1").setPort(9000);
    return new Delivering(this::connect, ports, Optional.of("127.0.0.6")).open(options);
  }

  private Future<HttpClientConnection> connect(HttpConnectOptions options, Optional<String> from) {
    String host = options.getServer() instanceof SocketAddress at ? at.host() : options.getHost();
    String way = host + " from " + from.orElseThrow();
    tried.add(way);
    Throwable failure = failures.get(way);
    return failure == null ? Future.succeededFuture() : Future.failedFuture(failure);
  }
}
