package dev.weft.routing.listener.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestMethodsTest {

  private final List<Http2Headers> passed = new ArrayList<>();
  private final RequestMethods methods =
      new RequestMethods(
          new Http2FrameAdapter() {
            @Override
            public void onHeadersRead(
                ChannelHandlerContext context,
                int stream,
                Http2Headers headers,
                int padding,
                boolean end) {
              passed.add(headers);
            }
          });

  @ParameterizedTest
  @ValueSource(strings = {"GE/T", "GET /x", "", " GET", "GET\t", "G\u00e9T", "(", "GET:", "a\0b"})
  void whatIsNoTokenIsAnErrorOfItsStream(String method) {
    Http2Headers headers = new DefaultHttp2Headers(false).method(method);

    assertThatThrownBy(() -> methods.onHeadersRead(null, 7, headers, 0, true))
        .isInstanceOfSatisfying(
            StreamException.class,
            error -> {
              assertThat(error.streamId()).isEqualTo(7);
              assertThat(error.error()).isEqualTo(Http2Error.PROTOCOL_ERROR);
            });
    assertThatThrownBy(() -> methods.onHeadersRead(null, 7, headers, 0, (short) 1, false, 0, true))
        .isInstanceOf(StreamException.class);
    assertThat(passed).isEmpty();
  }

  @Test
  void tokensAndTrailersPass() throws Exception {
    for (String method : List.of("GET", "get", "M-SEARCH", "x!#$%&'*+.^_`|~1")) {
      methods.onHeadersRead(null, 7, new DefaultHttp2Headers().method(method), 0, true);
    }
    methods.onHeadersRead(null, 7, new DefaultHttp2Headers(), 0, true);

    assertThat(passed).hasSize(5);
  }
}
