package dev.weft.routing.transport.http2;

import io.vertx.core.http.HttpClientRequest;
import java.util.OptionalInt;

/** What Vert.x tells of its streams. */
public final class Streams {

  private Streams() {}

  /**
   * The number of the stream that {@code request} went out on, over HTTP/2. Empty where its
   * connection gave it none, so that nothing of it was sent: the connection had just ended, may
   * open no further streams, or has no numbers left.
   *
   * <p>Source: Vert.x 5.0.12, {@code VertxHttp2Stream.id}, which fails where there is no stream; to
   * be checked at each upgrade.
   */
  public static OptionalInt number(HttpClientRequest request) {
    try {
      return OptionalInt.of(request.streamId());
    } catch (NullPointerException none) {
      return OptionalInt.empty();
    }
  }
}
