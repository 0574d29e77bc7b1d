package dev.weft.routing.process.warmup;

import dev.weft.routing.clock.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** The callers of a warm-up: some at a time, each with one request after the other. */
final class Lanes {

  private static final int AT_A_TIME = 8;
  private static final int POSTS = 8; // one of so many
  private static final String OK = "HTTP/1.1 200 ";
  private static final int MOST = 4096; // characters of an answer
  private static final int TOLD = 40;
  private static final Duration PATIENCE = Duration.ofSeconds(5); // for what is under way

  private final Vertx vertx;
  private final Ticker ticker;
  private final AtomicInteger left;
  private final Duration longest;
  private final long deadline;

  /**
   * @param requests in all
   * @param longest no request is begun after it
   */
  Lanes(Vertx vertx, Ticker ticker, int requests, Duration longest) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.left = new AtomicInteger(requests);
    this.longest = longest;
    this.deadline = ticker.nanos() + longest.toNanos();
  }

  /** Fails where an answer is no 200, or does not come. */
  Future<Void> send(int port) {
    NetClient client = vertx.createNetClient();
    List<Future<Void>> all =
        IntStream.range(0, AT_A_TIME)
            .mapToObj(
                lane -> client.connect(port, Echo.LOOPBACK).map(Lane::new).compose(Lane::send))
            .toList();
    return Future.join(all)
        .timeout(longest.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS)
        .eventually(client::close)
        .mapEmpty();
  }

  private static Buffer request(int number) {
    boolean post = number % POSTS == 0;
    String head =
        (post ? "POST" : "GET") + " /find?n=" + number + " HTTP/1.1\r\nhost: " + WarmUp.HOST;
    return Buffer.buffer(
        post
            ? head + "\r\ncontent-length: " + Echo.BODY.length() + "\r\n\r\n" + Echo.BODY
            : head + "\r\n\r\n");
  }

  /** One caller's connection. */
  private final class Lane {
    private final NetSocket socket;
    private final Promise<Void> done = Promise.promise();
    private final StringBuilder answer = new StringBuilder();

    Lane(NetSocket socket) {
      this.socket = socket;
    }

    Future<Void> send() {
      socket.handler(this::received);
      socket.closeHandler(closed -> done.tryFail("the connection was closed"));
      next();
      return done.future();
    }

    private void next() {
      int number = left.getAndDecrement();
      if (number > 0 && ticker.nanos() - deadline < 0) {
        socket.write(request(number));
      } else {
        done.tryComplete();
      }
    }

    private void received(Buffer bytes) {
      answer.append(bytes.toString());
      boolean whole = answer.indexOf(Echo.BODY) >= 0;
      if (whole && answer.indexOf(OK) == 0) {
        answer.setLength(0);
        next();
      } else if (whole || answer.length() > MOST) {
        done.tryFail("answered " + answer.substring(0, Math.min(answer.length(), TOLD)).strip());
      }
    }
  }
}
