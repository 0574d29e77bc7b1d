package dev.weft.routing.listener.intercept;

import dev.weft.routing.transport.tcp.Frames;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.PromiseNotifier;

/** How the two sides of one end tell each other that nothing more comes. */
interface Ending {

  /** A socket alone: FIN. */
  Ending SOCKET = EpollSocketChannel::shutdownOutput;

  /** Tells the other side, once all before it is written. */
  ChannelFuture tell(EpollSocketChannel channel);

  /** Whether the other side told it by an event that is not a socket's. */
  default boolean told(Object event) {
    return false;
  }

  /** Between two proxies: a frame. */
  static Ending of(Frames frames) {
    return channel -> frames.end();
  }

  /**
   * TLS of somebody else: {@code close_notify}, and then FIN, since there are those who hear of the
   * one only and those who hear of the other only. A FIN alone is a connection that broke. Who told
   * it cannot be answered any more, with BoringSSL's engine.
   */
  static Ending of(SslHandler tls) {
    return new Ending() {
      @Override
      public ChannelFuture tell(EpollSocketChannel channel) {
        ChannelPromise ended = channel.newPromise();
        tls.closeOutbound()
            .addListener(
                sent -> channel.shutdownOutput().addListener(new PromiseNotifier<>(false, ended)));
        return ended;
      }

      @Override
      public boolean told(Object event) {
        return event instanceof SslCloseCompletionEvent closed && closed.isSuccess();
      }
    };
  }
}
