package dev.weft.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Asks at a steady rate, on a few threads, until it is closed, and counts the answers by what they
 * said. One instance is one way in: north-south through the gateway, or east-west through the
 * caller.
 */
final class DemoTraffic implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int THREADS = 4;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS);
  private final List<Future<?>> asking = new ArrayList<>();
  private final HttpRequest question;
  private final Map<String, Long> answers = new TreeMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  /**
   * @param perSecond over all threads, 1 to 2,000
   */
  DemoTraffic(int port, String host, int perSecond) {
    this.question =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/find"))
            .header("host", host)
            .timeout(PATIENCE)
            .build();
    long gap = TimeUnit.SECONDS.toNanos(1) * THREADS / perSecond;
    for (int i = 0; i < THREADS; i++) {
      asking.add(
          threads.scheduleAtFixedRate(this::ask, i * gap / THREADS, gap, TimeUnit.NANOSECONDS));
    }
  }

  private void ask() {
    try {
      HttpResponse<String> answer = client.send(question, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 200) {
        count(answer.body().strip());
      } else {
        fail(answer.statusCode() + " " + answer.headers().firstValue("proxy-status").orElse(""));
      }
    } catch (IOException e) {
      fail(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void count(String version) {
    answers.merge(version, 1L, Long::sum);
  }

  private void fail(String why) {
    failures.add(why);
  }

  /** How many answers each version gave so far. */
  synchronized Map<String, Long> answers() {
    return new TreeMap<>(answers);
  }

  /** Answers since {@code before}. */
  Map<String, Long> since(Map<String, Long> before) {
    Map<String, Long> now = answers();
    now.replaceAll((version, count) -> count - before.getOrDefault(version, 0L));
    return now;
  }

  /** Until it is closed. */
  boolean running() {
    return !threads.isShutdown();
  }

  long failed() {
    return failures.size();
  }

  /** What went wrong first and how often anything did. */
  String failures() {
    return failures.isEmpty() ? "0 failed" : failures.size() + " failed, first: " + failures.peek();
  }

  @Override
  public void close() {
    asking.forEach(asked -> asked.cancel(false));
    threads.shutdown();
    try {
      threads.awaitTermination(PATIENCE.toSeconds() + 1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
