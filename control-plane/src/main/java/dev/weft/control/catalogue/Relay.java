package dev.weft.control.catalogue;

import dev.weft.kubernetes.discovery.NamedService;
import dev.weft.routing.clock.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the importer takes for the API server: a port of the loopback address where {@link Gate}
 * lets in who has the token, with the lists and watches of {@link Shown}. It asks the API server
 * nothing by itself, so however often it is asked, the API server does not notice. Watches begin
 * one a second at most, and only the newest is served.
 *
 * <p>Belongs to one event loop.
 */
final class Relay {

  /** Between the beginnings of two watches. */
  static final Duration APART = Duration.ofSeconds(1);

  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(30);
  private static final int IDLE_SECONDS = 90;
  private static final int LONGEST_LINE = 512;
  private static final int LARGEST_HEAD = 2048;

  private final Vertx vertx;
  private final Ticker ticker;
  private final Gate gate;
  private final Shown shown = new Shown();
  private final HttpServer server;
  private Optional<Watch> watch = Optional.empty();
  private long next; // when a watch may begin, in the ticker's nanoseconds
  private long begun; // watches

  Relay(Vertx vertx, Ticker ticker, String token) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.gate = new Gate(token);
    this.next = ticker.nanos();
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(IDLE_SECONDS)
                    .setMaxInitialLineLength(LONGEST_LINE)
                    .setMaxHeaderSize(LARGEST_HEAD))
            .requestHandler(this::asked);
    vertx.setPeriodic(SIGN_OF_LIFE.toMillis(), tick -> watch.ifPresent(Watch::signOfLife));
  }

  /**
   * Opens the port.
   *
   * @param port 0 for any
   * @return the port
   */
  Future<Integer> listen(int port) {
    return server.listen(port, LOOPBACK).map(HttpServer::actualPort);
  }

  /** Shows what changed from now on. */
  void show(Map<String, Optional<NamedService>> changes) {
    shown.show(changes);
    watch.ifPresent(Watch::send);
  }

  /** Watches that were asked for so far. */
  long begun() {
    return begun;
  }

  private void asked(HttpServerRequest request) {
    OptionalInt refusal =
        gate.refusal(request.method().name(), request.uri(), request.getHeader("authorization"));
    if (refusal.isPresent()) {
      request.response().setStatusCode(refusal.getAsInt()).end();
      return;
    }
    OptionalLong from = Gate.watchedFrom(request.uri());
    if (from.isEmpty()) {
      json(request).end(shown.list().toBuffer());
    } else {
      begin(new Watch(json(request), from.getAsLong()));
    }
  }

  private static HttpServerResponse json(HttpServerRequest request) {
    return request.response().putHeader("content-type", "application/json");
  }

  private void begin(Watch asked) {
    begun++;
    watch.ifPresent(Watch::end);
    watch = Optional.of(asked);
    long now = ticker.nanos();
    long wait = Math.max(next - now, 0);
    next = now + wait + APART.toNanos();
    vertx.setTimer(Math.max(Duration.ofNanos(wait).toMillis(), 1), due -> asked.open());
  }

  /** Ends the watch and closes the port. */
  Future<Void> close() {
    watch.ifPresent(Watch::end);
    return server.close();
  }

  /** One that is answered as long as it lasts. */
  private final class Watch {

    private final HttpServerResponse response;
    private long told;
    private boolean open;
    private boolean over;

    Watch(HttpServerResponse response, long told) {
      this.response = response.setChunked(true);
      this.told = told;
      response.exceptionHandler(broken -> over()).closeHandler(closed -> over());
    }

    void open() {
      if (!over) {
        open = true;
        response.writeHead();
        send();
      }
    }

    /** What is new since it was told last. */
    void send() {
      if (open && told < shown.version()) {
        Buffer lines = Buffer.buffer();
        shown.after(told).forEach(event -> lines.appendBuffer(event.toBuffer()).appendString("\n"));
        told = shown.version();
        write(lines);
      }
    }

    void signOfLife() {
      if (open) {
        write(shown.bookmark().toBuffer().appendString("\n"));
      }
    }

    /** Who does not read what was written before comes back to what it knows. */
    private void write(Buffer lines) {
      if (response.writeQueueFull()) {
        end();
      } else {
        response.write(lines);
      }
    }

    void end() {
      if (!over) {
        over();
        response.end();
      }
    }

    private void over() {
      over = true;
      open = false;
      if (watch.filter(one -> one == this).isPresent()) {
        watch = Optional.empty();
      }
    }
  }
}
