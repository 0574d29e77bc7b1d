package dev.weft.routing.admin;

import dev.weft.config.ConfigDocument;
import dev.weft.routing.telemetry.trace.HopTrace;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /** The same as OpenMetrics, with exemplars. */
  String openMetrics();

  /** The configuration that serves. */
  AdminView.Config config();

  /** The texts that problems of the configuration stand in; none where it is streamed. */
  default List<ConfigDocument> texts() {
    return List.of();
  }

  /** The rules that serve, in the order in which they are tried. */
  List<AdminView.Route> routes();

  /** The upstreams. */
  List<AdminView.Cluster> clusters();

  /** The last requests that failed or were slow, the newest first. */
  List<HopTrace> traces();

  /** The certificates in use; never a key. */
  List<AdminView.Certificate> certificates();

  /** What is wrong with certificates of servers, or of such as are to be obtained. */
  List<AdminView.CertificateFault> certificateFaults();

  /**
   * What would happen to a request or a connection.
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
   * A request that might come, or a connection that is not HTTP.
   *
   * @param method of the request; {@link #TCP} or {@link #TLS} for a connection
   * @param url absolute, e.g. {@code http://search.prod/find?q=1}; of a connection the address and
   *     port, e.g. {@code 10.96.0.7:5432}
   * @param headers each once or more often, in order
   * @param serverName that a connection's handshake asks for
   */
  record Question(
      String method,
      String url,
      List<Map.Entry<String, String>> headers,
      Optional<String> serverName) {

    public static final String TCP = "TCP";
    public static final String TLS = "TLS";

    public Question {
      headers = List.copyOf(headers);
    }

    /** Of a request. */
    public Question(String method, String url, List<Map.Entry<String, String>> headers) {
      this(method, url, headers, Optional.empty());
    }

    /** Whether it is of a connection. */
    public boolean connection() {
      return method.equals(TCP) || method.equals(TLS);
    }
  }

  /** The answer, for machines and for people. */
  record Explanation(JsonObject json, String text) {

    /** Whether no token check and no policy refuses it, wherever it may go. */
    public static final String ALLOWED = "allowed";

    /** The rule or service that takes it; a dash where none does. */
    public static final String ROUTE = "route";

    /** Whether something takes it, and nobody on its way refuses it. */
    public boolean getsThrough() {
      return !json.getString(ROUTE, "-").equals("-") && json.getBoolean(ALLOWED, true);
    }
  }
}
