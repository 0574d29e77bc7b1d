package dev.weft.routing.transport.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes requests to and reads answers of an endpoint over a connection of HTTP/1, as Netty's
 * {@link HttpClientCodec} does, one at a time. Nothing that comes behind an answer is taken for the
 * next one: Netty would keep half a head and complete it with the next answer, for which somebody
 * else waits. Such a connection ends once its answer is read; empty lines are skipped.
 *
 * <p>An answer whose status has other than three digits, or whose body has another coding than
 * chunked (which would be taken away unread), is none.
 *
 * <p>One event loop's own.
 *
 * <p>Source: RFC 9112 sections 4, 6.1 and 9.2. Vert.x 5.0.12 takes its codec away by its name where
 * a connection is upgraded; to be checked at each upgrade.
 */
public final class AnswerCodec
    extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {

  private static final String VERTX = "codec"; // as Vert.x names its own
  private static final int STATUS_DIGITS = 3;
  private static final int BUFFER_BYTES = 256; // for a line, at first

  private @Nullable HttpMethod asked; // until its answer was read

  private AnswerCodec(HttpDecoderConfig config) {
    init(new Answers(config), new Requests());
  }

  /**
   * Puts one in the place of Vert.x' own, before any byte went over {@code connection}.
   *
   * @param mostHeaderBytes of the head of an answer
   */
  public static void insert(Channel connection, int mostHeaderBytes) {
    ChannelPipeline pipeline = connection.pipeline();
    if (pipeline.get(VERTX) instanceof HttpClientCodec) {
      HttpDecoderConfig config =
          new HttpDecoderConfig()
              .setMaxHeaderSize(mostHeaderBytes)
              .setInitialBufferSize(BUFFER_BYTES);
      pipeline.replace(VERTX, VERTX, new AnswerCodec(config));
    }
  }

  private final class Requests extends HttpRequestEncoder {

    @Override
    protected void encode(ChannelHandlerContext context, Object message, List<Object> out)
        throws Exception {
      if (message instanceof HttpRequest request) {
        asked = request.method();
      }
      super.encode(context, message, out);
    }
  }

  private final class Answers extends HttpResponseDecoder {

    private boolean interim; // the answer that is read says that another one follows
    private boolean upgraded; // what follows is not HTTP

    Answers(HttpDecoderConfig config) {
      super(config);
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
      if (initialLine[1].length() != STATUS_DIGITS) {
        throw new IllegalArgumentException("a status of three digits: " + initialLine[1]);
      }
      return super.createMessage(initialLine);
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      return (HttpMethod.HEAD.equals(asked) && !interim(message))
          || super.isContentAlwaysEmpty(message);
    }

    /** What comes behind an answer is looked at before anybody hears of its end. */
    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
        throws Exception {
      if (asked == null && !upgraded) {
        unasked(context, in);
        return;
      }
      int before = out.size();
      super.decode(context, in, out);
      for (int i = before; i < out.size(); i++) {
        read(out.get(i));
      }
      if (asked == null) {
        unasked(context, in);
      }
    }

    private void read(Object message) {
      if (message instanceof HttpResponse head) {
        interim = interim(head);
        upgraded = head.status().code() == 101;
        if (coded(head)) {
          head.setDecoderResult(failure("a body with a coding that is not known"));
        }
      }
      if (message instanceof LastHttpContent && !interim) {
        asked = null;
      }
    }

    /** Drops all, and ends a connection over which there came more than was asked for. */
    private void unasked(ChannelHandlerContext context, ByteBuf in) {
      while (in.isReadable() && newline(in.getByte(in.readerIndex()))) {
        in.skipBytes(1);
      }
      if (in.isReadable()) {
        in.skipBytes(in.readableBytes());
        context.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
      }
    }

    private static boolean newline(byte one) {
      return one == '\r' || one == '\n';
    }

    private static boolean interim(HttpMessage message) {
      return message instanceof HttpResponse head
          && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private static boolean coded(HttpResponse head) {
      String coding = head.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
      return coding != null && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding);
    }

    private static DecoderResult failure(String why) {
      return DecoderResult.failure(new DecoderException(why));
    }
  }
}
