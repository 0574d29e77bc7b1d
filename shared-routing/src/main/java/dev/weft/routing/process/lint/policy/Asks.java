package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.AuthorizationPolicy.Source;
import dev.weft.config.model.security.AuthorizationPolicy.When;
import dev.weft.routing.process.lint.policy.Part.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What rules ask for, part by part. */
final class Asks {

  static final String PRINCIPAL = "source.principal";
  static final String NAMESPACE = "source.namespace";
  static final String ACCOUNT = "source.serviceAccount";
  static final String TRUST_DOMAIN = "source.trustDomain";
  static final String PEER = "source.ip";
  static final String CLIENT = "remote.ip";
  static final String PORT = "destination.port";
  static final String HOST = "host";
  static final String METHOD = "method";
  static final String PATH = "path";
  static final String TOKEN = "request.auth.principal";
  static final String AUDIENCE = "request.auth.audiences";
  static final String PRESENTER = "request.auth.presenter";
  static final String HEADER = "request.headers[";
  static final String CLAIM = "request.auth.claims[";

  private static final Map<String, String> PSEUDO =
      Map.of("host", HOST, ":authority", HOST, ":method", METHOD);

  private static final int MOST = 64; // combinations of a rule that are looked at

  private Asks() {}

  /** Of a source, what it says only. */
  static List<Part> of(Source source) {
    return given(
        new Part(PRINCIPAL, Kind.TEXT, "principals", "notPrincipals", source.principals()),
        new Part(
            TOKEN,
            Kind.TEXT,
            "requestPrincipals",
            "notRequestPrincipals",
            source.requestPrincipals()),
        new Part(NAMESPACE, Kind.TEXT, "namespaces", "notNamespaces", source.namespaces()),
        new Part(
            ACCOUNT, Kind.TEXT, "serviceAccounts", "notServiceAccounts", source.serviceAccounts()),
        new Part(PEER, Kind.ADDRESS, "ipBlocks", "notIpBlocks", source.ipBlocks()),
        new Part(
            CLIENT, Kind.ADDRESS, "remoteIpBlocks", "notRemoteIpBlocks", source.remoteIpBlocks()));
  }

  /** Of an operation, what it says only. */
  static List<Part> of(Operation operation) {
    return given(
        new Part(HOST, Kind.HOST, "hosts", "notHosts", operation.hosts()),
        new Part(PORT, Kind.PORT, "ports", "notPorts", operation.ports()),
        new Part(METHOD, Kind.TEXT, "methods", "notMethods", operation.methods()),
        new Part(PATH, Kind.PATH, "paths", "notPaths", operation.paths()));
  }

  /** Of a condition. */
  static List<Part> of(When when) {
    String key = when.key();
    if (key.startsWith(HEADER)) {
      String name = key.substring(HEADER.length(), key.length() - 1).toLowerCase(Locale.ROOT);
      String known = PSEUDO.getOrDefault(name, HEADER + name + "]");
      Kind kind =
          known.equals(HOST)
              ? Kind.HOST
              : known.equals(METHOD) || name.startsWith(":") ? Kind.TEXT : Kind.HEADER;
      return given(new Part(known, kind, "values", "notValues", when.values()));
    }
    Kind kind =
        switch (key) {
          case PEER, CLIENT, "destination.ip" -> Kind.ADDRESS;
          case PORT -> Kind.PORT;
          case AUDIENCE -> Kind.LIST;
          default -> key.startsWith(CLAIM) ? Kind.LIST : Kind.TEXT;
        };
    return given(new Part(key, kind, "values", "notValues", when.values()));
  }

  private static List<Part> given(Part... parts) {
    return Stream.of(parts).filter(part -> part.values().given()).toList();
  }

  /**
   * A rule written out: one of these must hold, and of each all parts.
   *
   * @return empty where there are too many
   */
  static List<List<Part>> combinations(Rule rule) {
    List<Part> always = rule.when().stream().flatMap(when -> of(when).stream()).toList();
    List<List<Part>> from = rule.from().stream().map(Asks::of).toList();
    List<List<Part>> to = rule.to().stream().map(Asks::of).toList();
    List<List<Part>> all = new ArrayList<>();
    for (List<Part> source : from.isEmpty() ? List.of(List.<Part>of()) : from) {
      for (List<Part> operation : to.isEmpty() ? List.of(List.<Part>of()) : to) {
        all.add(Stream.of(source, operation, always).flatMap(List::stream).toList());
        if (all.size() > MOST) {
          return List.of();
        }
      }
    }
    return all;
  }

  /** Whether whatever does here does there. */
  static boolean within(List<Part> narrow, List<Part> wide) {
    return wide.stream()
        .allMatch(
            part ->
                narrow.stream().anyMatch(own -> own.key().equals(part.key()) && own.within(part)));
  }
}
