package dev.weft.routing.listener.http2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * Takes a request whose method is no token for an error of its stream. Vert.x makes a method of it
 * without looking, and what that throws would end the connection with all of its streams, unsaid.
 *
 * <p>On the connection's event loop only. Costs a look at each character of a method.
 *
 * <p>Source: RFC 9110 sections 5.6.2 and 9.1; RFC 9113 section 8.1.1.
 */
public final class RequestMethods extends Http2FrameListenerDecorator {

  private static final String MARKS = "!#$%&'*+-.^_`|~";

  /**
   * @param behind takes the frames
   */
  public RequestMethods(Http2FrameListener behind) {
    super(behind);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    check(stream, headers);
    super.onHeadersRead(context, stream, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    check(stream, headers);
    super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
  }

  private static void check(int stream, Http2Headers headers) throws Http2Exception {
    @Nullable CharSequence method = headers.method();
    if (method != null && !token(method)) {
      throw Http2Exception.streamError(
          stream, Http2Error.PROTOCOL_ERROR, "a method that is no token");
    }
  }

  private static boolean token(CharSequence method) {
    for (int i = 0; i < method.length(); i++) {
      char c = method.charAt(i);
      boolean plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!plain && MARKS.indexOf(c) < 0) {
        return false;
      }
    }
    return method.length() > 0;
  }
}
