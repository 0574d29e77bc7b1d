package dev.weft.routing.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.testkit.Tools;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import org.junit.jupiter.api.Test;

final class SendQueueTest {

  @Test
  void theKernelTakesNoMoreThanItIsTold() {
    assumeTrue(Tools.there(Epoll.isAvailable(), "epoll"), "Linux");
    Channel connection = new EpollSocketChannel();
    try {
      SendQueue.bound(connection);

      assertThat(connection.config().getOption(EpollChannelOption.TCP_NOTSENT_LOWAT))
          .isEqualTo(128 * 1024);
    } finally {
      connection.unsafe().closeForcibly();
    }
  }

  @Test
  void whatIsNoSocketOfLinuxStaysAsItIs() {
    EmbeddedChannel connection = new EmbeddedChannel();

    SendQueue.bound(connection);

    assertThat(connection.isOpen()).isTrue();
    assertThat(connection.finish()).isFalse();
  }
}
