package dev.weft.routing.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/**
 * What the admin API shows and does. Whoever wires a process implements it.
 *
 * <p>Any thread may enter. Values are asked for on a worker; {@link #notReady}, {@link #explain}
 * and {@link #drain} on an event loop, so these return at once.
 */
public interface AdminSource {

  /** What is still missing before requests can be served, one sentence each; empty when ready. */
  List<String> notReady();

  /** All metrics in Prometheus' text format. */
  String metrics();

  /** The configuration that serves. */
  AdminView.Config config();

  /** The rules that serve, in the order in which they are tried. */
  List<AdminView.Route> routes();

  /** The upstreams. */
  List<AdminView.Cluster> clusters();

  /** The certificates in use; never a key. */
  List<AdminView.Certificate> certificates();

  /**
   * What would happen to a request.
   *
   * @return fails with an {@link IllegalArgumentException} whose message tells what is wrong with
   *     the question
   */
  Future<Explanation> explain(Question question);

  /** Levels by logger; the root logger is {@code root}. */
  Map<String, String> logLevels();

  /**
   * Changes a logger's level until the process ends.
   *
   * @throws IllegalArgumentException when there is no such level; the message says which there are
   */
  void logLevel(String logger, String level);

  /** Begins to drain: not ready any more, connections end with their requests. Once is enough. */
  void drain();

  /**
   * A request that might come.
   *
   * @param url absolute, e.g. {@code http://search.prod/find?q=1}
   * @param headers each once or more often, in order
   */
  record Question(String method, String url, List<Map.Entry<String, String>> headers) {
    public Question {
      headers = List.copyOf(headers);
    }
  }

  /** The answer, for machines and for people. */
  record Explanation(JsonObject json, String text) {}
}
