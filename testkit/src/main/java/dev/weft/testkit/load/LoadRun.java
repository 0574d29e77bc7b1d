package dev.weft.testkit.load;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A load under way: calls begin when they are due, whatever became of those before, and what each
 * took counts from then. It never calls twice: what a caller could have saved by trying again is a
 * failure too. All that are due are made, late where this machine had other work. Bounded: calls
 * that would be more than {@value #MOST_UNDER_WAY} under way fail here.
 */
public final class LoadRun {

  private static final int MOST_UNDER_WAY = 20_000;
  private static final int MOST_TOGETHER = 50; // then answers are looked at again
  private static final long TICK_MILLIS = 2;

  private final Load load;
  private final Worker worker = new Worker();
  private final Promise<LoadReport> report = Promise.promise();
  private volatile boolean stopping;
  private volatile long good;
  private volatile int underWay;

  private LoadRun(Load load) {
    this.load = load;
  }

  /** Begins at once, on an event loop of {@code vertx}. */
  public static LoadRun start(Vertx vertx, Load load) {
    LoadRun run = new LoadRun(load);
    vertx.deployVerticle(run.worker).onFailure(run.report::tryFail);
    return run;
  }

  /** Begins no further call; those under way may finish. Any thread. */
  public Future<LoadReport> stop() {
    stopping = true;
    return report.future();
  }

  /** What came of it, once its time is over and the last call has ended. */
  public Future<LoadReport> report() {
    return report.future();
  }

  /** Good answers so far. Any thread. */
  public long good() {
    return good;
  }

  /** Calls that wait for their answer. Any thread. */
  public int underWay() {
    return underWay;
  }

  /** One writer: the load's event loop. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void count(int more) {
    underWay += more;
  }

  private final class Worker extends VerticleBase {

    private final List<HttpClientAgent> clients = new ArrayList<>();
    private final Map<Integer, Long> statuses = new HashMap<>();
    private final Map<String, Long> failures = new HashMap<>();
    private final List<Long> took = new ArrayList<>();
    private long began;
    private long sent;

    @Override
    public Future<?> start() {
      for (Way way : load.ways()) {
        clients.add(vertx.httpClientBuilder().with(way.options()).with(way.pool()).build());
      }
      began = System.nanoTime();
      tick();
      return Future.succeededFuture();
    }

    private void tick() {
      long lasts = load.lasts().toNanos();
      long passed = Math.min(lasts, System.nanoTime() - began);
      long due = passed * load.perSecond() / TimeUnit.SECONDS.toNanos(1);
      if (stopping || (passed == lasts && sent >= due)) {
        finish();
        return;
      }
      for (int i = 0; i < MOST_TOGETHER && sent < due; i++) {
        begin(sent++);
      }
      vertx.setTimer(TICK_MILLIS, again -> tick());
    }

    private void finish() {
      if (underWay > 0) {
        vertx.setTimer(TICK_MILLIS, again -> finish());
        return;
      }
      report.tryComplete(new LoadReport(sent, statuses, failures, took));
      vertx.undeploy(deploymentID());
    }

    private void begin(long number) {
      Way way = load.ways().get((int) (number % load.ways().size()));
      if (underWay >= MOST_UNDER_WAY) {
        failed(way, "too many calls under way");
        return;
      }
      count(1);
      long due = began + TimeUnit.SECONDS.toNanos(1) * number / load.perSecond();
      One one = new One(number, clients.get((int) (number % clients.size())));
      one.answered()
          .timeout(load.patience().toMillis(), TimeUnit.MILLISECONDS)
          .onComplete(
              end -> {
                count(-1);
                if (end.failed()) {
                  one.giveUp();
                  failed(way, reason(end.cause()));
                } else {
                  answered(way, number, end.result(), System.nanoTime() - due);
                }
              });
    }

    private static String reason(Throwable cause) {
      return cause.getClass().getSimpleName() + " " + cause.getMessage();
    }

    private void answered(Way way, long number, Calls.Answer answer, long nanos) {
      statuses.merge(answer.status(), 1L, Long::sum);
      Optional<String> fault = load.calls().fault(number, answer);
      if (fault.isPresent()) {
        failed(way, fault.get());
        return;
      }
      took.add(nanos);
      good = took.size();
    }

    private void failed(Way way, String why) {
      failures.merge(way.name() + ": " + why, 1L, Long::sum);
    }

    @Override
    public Future<?> stop() {
      return Future.join(clients.stream().map(HttpClientAgent::close).toList());
    }
  }

  /** One call. */
  private final class One {

    private final long number;
    private final HttpClientAgent client;
    private Optional<HttpClientRequest> begun = Optional.empty();
    private boolean over;

    One(long number, HttpClientAgent client) {
      this.number = number;
      this.client = client;
    }

    Future<Calls.Answer> answered() {
      RequestOptions options = load.calls().request(number);
      int port = options.getPort() == null ? load.port() : options.getPort();
      if (options.getServer() == null) {
        options.setPort(port).setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"));
      }
      return client.request(options).compose(this::sent);
    }

    private Future<Calls.Answer> sent(HttpClientRequest request) {
      begun = Optional.of(request);
      if (over) {
        request.reset();
      }
      Buffer body = load.calls().body(number);
      Future<HttpClientResponse> head = body.length() == 0 ? request.send() : request.send(body);
      return head.compose(
          answer ->
              answer
                  .body()
                  .map(whole -> new Calls.Answer(answer.statusCode(), answer.headers(), whole)));
    }

    private void giveUp() {
      over = true;
      begun.ifPresent(HttpClientRequest::reset);
    }
  }
}
