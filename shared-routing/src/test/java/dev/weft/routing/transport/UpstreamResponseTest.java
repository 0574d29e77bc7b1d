package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether the connection of an answer is read, as its reader wants more or does not. */
final class UpstreamResponseTest {

  private final List<String> told = new ArrayList<>();
  private final Deque<Buffer> waiting = new ArrayDeque<>();
  private Handler<Buffer> came = buffer -> {};
  private Handler<Void> last = end -> {};
  private final UpstreamResponse response =
      new UpstreamResponse(
          played(),
          "10.0.0.1:80",
          ended -> ended,
          clean -> told.add("settled"),
          () -> told.add("reset"),
          wanted -> told.add(wanted ? "read" : "not read"));

  /** An answer of Vert.x, which holds what {@link #waiting} is until it is fetched. */
  private HttpClientResponse played() {
    Class<?>[] type = {HttpClientResponse.class};
    return (HttpClientResponse)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            type,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "statusCode" -> 200;
                  case "headers" -> HttpHeaders.headers();
                  case "handler" -> {
                    came = handler(arguments[0]);
                    yield self;
                  }
                  case "endHandler" -> {
                    last = handler(arguments[0]);
                    yield self;
                  }
                  case "fetch" -> {
                    while (!waiting.isEmpty()) {
                      came.handle(waiting.remove());
                    }
                    yield self;
                  }
                  default -> self;
                });
  }

  @SuppressWarnings("unchecked")
  private static <T> Handler<T> handler(Object given) {
    return (Handler<T>) given;
  }

  @Test
  void whoeverIsSlowHasItsConnectionNotReadUntilHeWantsMore() {
    response.handler(buffer -> {});

    response.pause();
    assertThat(told).containsExactly("not read");

    response.resume();
    assertThat(told).containsExactly("not read", "read");
  }

  @Test
  void whatWasHeldMayBeTooMuchAgain() {
    waiting.add(Buffer.buffer("more"));
    response.handler(buffer -> response.pause());

    response.pause();
    response.resume();

    assertThat(told).as("it stays so").containsOnly("not read");
  }

  @Test
  void itsEndLeavesAConnectionThatIsRead() {
    response.pause();

    last.handle(null);

    assertThat(told).containsExactly("not read", "read", "settled");
  }

  @Test
  void whoeverWantsNoMoreGivesItUp() {
    response.pause();

    response.cancel();
    response.resume();

    assertThat(told).startsWith("not read", "reset", "settled");
  }
}
