package dev.weft.routing.exchange.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

final class NetworkWordsTest {

  @Test
  void whereThereIsNoRouteItIsSaidSo() {
    assertThat(NetworkWords.of(new NoRouteToHostException("null: /192.0.2.1:15012")))
        .isEqualTo("No route to host: /192.0.2.1:15012");
    assertThat(NetworkWords.of(new NoRouteToHostException())).isEqualTo("No route to host");
    assertThat(NetworkWords.of(new NoRouteToHostException("No route to host: /192.0.2.1:15012")))
        .isEqualTo("No route to host: /192.0.2.1:15012");
  }

  @Test
  void aNameAloneIsNoReason() {
    assertThat(NetworkWords.of(new UnknownHostException("weft-control")))
        .isEqualTo("unknown host: weft-control");
    assertThat(NetworkWords.of(new UnknownHostException("weft-control: Name does not resolve")))
        .isEqualTo("weft-control: Name does not resolve");
  }

  @Test
  void whatHasWordsKeepsThem() {
    assertThat(NetworkWords.of(new ConnectException("Connection refused: /192.0.2.1:15012")))
        .isEqualTo("Connection refused: /192.0.2.1:15012");
  }

  @Test
  void whatHasNoneIsToldByItsCauseOrItsKind() {
    assertThat(NetworkWords.of(new IOException(null, new ConnectException("refused"))))
        .isEqualTo("refused");
    assertThat(NetworkWords.of(new ClosedChannelException()))
        .isEqualTo("the connection was closed");
    assertThat(NetworkWords.of(new IOException()))
        .isEqualTo("it failed for a reason that is not told");
  }
}
