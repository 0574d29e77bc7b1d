package dev.weft.routing.admin;

import dev.weft.config.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What the admin API shows, as values: the field names are those of its JSON. */
public final class AdminView {

  private AdminView() {}

  /**
   * The configuration that serves.
   *
   * @param version that requests are served with
   * @param applied when
   * @param took from the change to its being served
   * @param sources as the command line names them
   * @param problems of the last load, those of a refused change included
   * @param rejected changes refused since the start
   * @param lint how far its rules are tried against each other; empty where nobody does
   */
  public record Config(
      String version,
      Instant applied,
      Duration took,
      List<String> sources,
      List<Problem> problems,
      long rejected,
      Optional<Lint> lint) {
    public Config {
      sources = List.copyOf(sources);
      problems = List.copyOf(problems);
    }
  }

  /**
   * What became of trying the rules of what serves against each other.
   *
   * @param state {@code off}, {@code waiting}, {@code done}, or {@code cut} where not all could be
   *     tried
   * @param took of the last time; zero before it
   * @param findings beside what the load told
   */
  public record Lint(String state, Duration took, long findings) {}

  /**
   * A rule.
   *
   * @param hosts for which it is tried
   * @param name e.g. {@code default/reviews#1}
   * @param match in words, e.g. {@code every request}
   * @param action in words where it does not forward, e.g. {@code redirect 301 /new}; else empty
   * @param place where it stands, {@code file:line:column}
   */
  public record Route(
      List<String> hosts,
      String name,
      String match,
      String action,
      List<Share> shares,
      String place) {
    public Route {
      hosts = List.copyOf(hosts);
      shares = List.copyOf(shares);
    }
  }

  /** A part of a rule's traffic. */
  public record Share(String cluster, int weight) {}

  /**
   * An upstream.
   *
   * @param breaker {@code closed}, {@code half-open} or {@code open}
   * @param retryTokens retries that its budget would allow now
   * @param inFlight attempts under way
   * @param connections open
   * @param pending requests that wait for a connection
   */
  public record Cluster(
      String name,
      String breaker,
      long retryTokens,
      long inFlight,
      long connections,
      long pending,
      List<Endpoint> endpoints) {
    public Cluster {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * An instance of an upstream.
   *
   * @param address {@code host:port}
   * @param health whether it gets requests, and why not: e.g. {@code ejected}
   * @param ejections since the start
   */
  public record Endpoint(
      String address,
      String health,
      long ejections,
      long inFlight,
      long connections,
      Map<String, String> labels,
      Balance balance) {
    public Endpoint {
      labels = Map.copyOf(labels);
    }
  }

  /**
   * What part of the requests an instance is due.
   *
   * @param locality {@code region/zone/subzone}; empty where it is not known
   * @param group of the instances that are equally near, or share a part; 0 is the first; empty
   *     where it gets nothing
   * @param groupShare of all requests that this group gets now, 0 to 1
   * @param warmUp part of its own share that it gets while it is new, 0 to 1
   * @param latencyMillis what its next answer may take, where the balancer goes by it
   */
  public record Balance(
      int weight,
      String locality,
      OptionalInt group,
      double groupShare,
      double warmUp,
      OptionalDouble latencyMillis) {}

  /**
   * A certificate in use.
   *
   * @param id SPIFFE id, or the names that it is for where it serves the edge
   * @param issuer distinguished name
   */
  public record Certificate(String id, String issuer, Instant notBefore, Instant notAfter) {}

  /**
   * What is wrong with a certificate.
   *
   * @param kind {@code server}, {@code staple}, {@code revocation} or {@code acme}
   * @param of the server, or the {@code credentialName}
   * @param message a sentence
   */
  public record CertificateFault(String kind, String of, String message) {}
}
