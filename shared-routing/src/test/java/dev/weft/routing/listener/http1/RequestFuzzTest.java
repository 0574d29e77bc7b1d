package dev.weft.routing.listener.http1;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;

/** Whatever comes on a connection is read as the same requests, in one piece or in many. */
final class RequestFuzzTest {

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]*");
  private static final int MOST = 4096; // bytes that are looked at, to be quick

  @FuzzTest(maxDuration = "10m")
  void requestsAreTheSameHoweverTheBytesCome(byte[] bytes) {
    byte[] some = bytes.length > MOST ? Arrays.copyOf(bytes, MOST) : bytes;
    assertThat(read(some, 1)).isEqualTo(read(some, MOST));
  }

  /** What was read, as text; the pieces of a body put together. */
  private static String read(byte[] bytes, int size) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new RequestDecoder(new HttpServerOptions(), Duration.ofHours(1), slow -> {}));
    StringBuilder told = new StringBuilder();
    for (int at = 0; at < bytes.length && channel.isOpen(); at += size) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(size, bytes.length - at)));
      for (Object one = channel.readInbound(); one != null; one = channel.readInbound()) {
        told.append(text(one));
        ReferenceCountUtil.release(one);
      }
    }
    channel.finishAndReleaseAll();
    return told.toString();
  }

  private static String text(Object message) {
    StringBuilder text = new StringBuilder();
    if (message instanceof HttpRequest request) {
      boolean refused = request.decoderResult().isFailure();
      text.append(refused ? "\nrefused" : "\n" + request.method() + " " + request.uri());
      if (refused) {
        return text.toString();
      }
      whole(request);
      request.headers().forEach(header -> text.append('|').append(header));
    }
    if (message instanceof HttpContent content) {
      if (content.decoderResult().isFailure()) {
        return "\nbroken";
      }
      text.append(content.content().toString(StandardCharsets.ISO_8859_1));
    }
    if (message instanceof LastHttpContent last) {
      sound(last.trailingHeaders());
      text.append("\nend");
    }
    return text.toString();
  }

  /** What no server behind could read in another way. */
  private static void whole(HttpRequest request) {
    HttpHeaders headers = request.headers();
    sound(headers);
    assertThat(request.method().name()).matches(TOKEN);
    boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean counted = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    assertThat(chunked && counted).as("two lengths: " + headers).isFalse();
    assertThat(headers.getAll(HttpHeaderNames.CONTENT_LENGTH)).hasSizeLessThan(2);
    if (counted) {
      assertThat(headers.get(HttpHeaderNames.CONTENT_LENGTH)).matches("[0-9]+");
    }
  }

  private static void sound(HttpHeaders headers) {
    for (Map.Entry<String, String> header : headers) {
      assertThat(header.getKey()).matches(TOKEN);
      assertThat(header.getValue()).doesNotContain("\r", "\n", "\0");
    }
  }
}
