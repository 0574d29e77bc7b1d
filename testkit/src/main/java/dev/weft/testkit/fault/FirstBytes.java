package dev.weft.testkit.fault;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.List;

/** Tells HTTP/2 by its preface from HTTP/1.1 and hands the connection on. */
@SuppressWarnings("FutureReturnValueIgnored") // what cannot be written has nobody to tell
final class FirstBytes extends ByteToMessageDecoder {

  private static final int ENOUGH = 4; // no method of HTTP/1.1 begins with "PRI "
  private static final int MOST_STREAMS = 1000;

  private final FaultBackend backend;

  FirstBytes(FaultBackend backend) {
    this.backend = backend;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < ENOUGH) {
      return;
    }
    boolean preface =
        in.getByte(in.readerIndex()) == 'P' && in.getByte(in.readerIndex() + 1) == 'R';
    ChannelPipeline pipeline = context.pipeline();
    if (preface) {
      Http2Settings settings = Http2Settings.defaultSettings().maxConcurrentStreams(MOST_STREAMS);
      pipeline.addLast(
          Http2FrameCodecBuilder.forServer()
              .initialSettings(settings)
              .validateHeaders(false)
              .build());
      pipeline.addLast(new Http2Side(backend));
    } else {
      pipeline.addLast(new HttpRequestDecoder());
      pipeline.addLast(new Http1Side(backend));
    }
    pipeline.remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
