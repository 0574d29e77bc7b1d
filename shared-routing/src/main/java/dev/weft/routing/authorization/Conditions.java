package dev.weft.routing.authorization;

import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Source;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.AuthorizationPolicy.When;
import dev.weft.config.model.security.IpBlock;
import dev.weft.routing.authorization.Condition.Addresses;
import dev.weft.routing.authorization.Condition.Hosts;
import dev.weft.routing.authorization.Condition.Ports;
import dev.weft.routing.authorization.Condition.Several;
import dev.weft.routing.authorization.Condition.Single;
import dev.weft.routing.authorization.Facts.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes conditions of the fields of a rule.
 *
 * @param denies what becomes of a request that the rule matches
 */
record Conditions(boolean denies) {

  private static final String HEADERS = "request.headers[";
  private static final String CLAIMS = "request.auth.claims[";

  List<Condition> source(Source source) {
    List<Condition> all = new ArrayList<>();
    add(all, source.principals(), any -> Single.of(Condition.IDENTITY, any, Facts::principal));
    add(
        all,
        source.requestPrincipals(),
        any -> Single.of("token", any, facts -> facts.token().principal()));
    add(all, source.namespaces(), any -> Single.of("namespace", any, Facts::namespace));
    add(all, source.serviceAccounts(), any -> Single.of("account", any, Facts::account));
    add(all, source.ipBlocks(), any -> peer(any));
    add(all, source.remoteIpBlocks(), any -> remote(any));
    return all;
  }

  List<Condition> operation(Operation operation) {
    List<Condition> all = new ArrayList<>();
    add(all, operation.paths(), Conditions::path);
    add(all, operation.methods(), any -> Single.of("method", any, Facts::method));
    add(all, operation.hosts(), Hosts::of);
    add(all, operation.ports(), Conditions::ports);
    return all;
  }

  private static void add(
      List<Condition> all, Values values, Function<Values, Condition> condition) {
    if (values.given()) {
      all.add(condition.apply(values));
    }
  }

  Condition when(When when) {
    String key = when.key();
    Values values = when.values();
    if (key.startsWith(HEADERS)) {
      return header(
          key.substring(HEADERS.length(), key.length() - 1).toLowerCase(Locale.ROOT), values);
    }
    if (key.startsWith(CLAIMS)) {
      String inner = key.substring(CLAIMS.length(), key.length() - 1);
      List<String> path = List.of(inner.split("]\\[", -1));
      return several("claim " + String.join(".", path), values, facts -> facts.token().claim(path));
    }
    return switch (key) {
      case "source.ip" -> peer(values);
      case "remote.ip" -> remote(values);
      case "destination.ip" -> addresses("destination", values, Facts::destination);
      case "destination.port" -> ports(values);
      case "request.auth.audiences" ->
          several("audience", values, facts -> facts.token().audiences());
      default -> Single.of(label(key), values, single(key));
    };
  }

  /** HTTP/2's own fields and the host are none of the others, in either version. */
  private Condition header(String name, Values values) {
    return switch (name) {
      case "host", ":authority" -> Hosts.of(values);
      case ":method" -> Single.of("method", values, Facts::method);
      case ":scheme" -> Single.of("scheme", values, Facts::scheme);
      default ->
          new HeaderCondition(
              name, Word.all(values.in(), false), Word.all(values.not(), false), denies);
    };
  }

  private static String label(String key) {
    return switch (key) {
      case "source.namespace" -> "namespace";
      case "source.serviceAccount" -> "account";
      case "source.principal" -> Condition.IDENTITY;
      case "source.trustDomain" -> "trust domain";
      case "request.auth.principal" -> "token";
      case "request.auth.presenter" -> "presenter";
      default -> "server name";
    };
  }

  private static Function<Facts, String> single(String key) {
    return switch (key) {
      case "source.namespace" -> Facts::namespace;
      case "source.serviceAccount" -> Facts::account;
      case "source.principal" -> Facts::principal;
      case "source.trustDomain" -> Facts::trustDomain;
      case "request.auth.principal" -> facts -> facts.token().principal();
      case "request.auth.presenter" -> facts -> facts.token().presenter();
      case "connection.sni" -> Facts::serverName;
      default ->
          throw new IllegalArgumentException("when.key: " + key + " (expected: a known one)");
    };
  }

  private static Condition path(Values values) {
    return new Single(
        "path", Facts::path, Word.all(values.in(), true), Word.all(values.not(), true));
  }

  private static Several several(String label, Values values, Function<Facts, List<String>> found) {
    return new Several(label, found, Word.all(values.in(), false), Word.all(values.not(), false));
  }

  private static Condition ports(Values values) {
    return new Ports(
        Facts::port,
        values.in().stream().map(Integer::valueOf).toList(),
        values.not().stream().map(Integer::valueOf).toList());
  }

  private static Condition peer(Values values) {
    return addresses("source", values, Facts::source);
  }

  private static Condition remote(Values values) {
    return addresses("client", values, Facts::remote);
  }

  private static Condition addresses(
      String label, Values values, Function<Facts, Address> address) {
    return new Addresses(label, address, blocks(values.in()), blocks(values.not()));
  }

  private static List<IpBlock> blocks(List<String> words) {
    return words.stream().map(IpBlock::parse).map(Optional::orElseThrow).toList();
  }
}
