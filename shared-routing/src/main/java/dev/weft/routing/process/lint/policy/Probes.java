package dev.weft.routing.process.lint.policy;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.token.Token;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes up requests that meet what is asked for. There is none where it cannot; whoever is told of
 * one asks what policies are compiled to first.
 */
final class Probes {

  private static final Map<String, List<String>> USUAL =
      Map.of(
          Asks.PATH, List.of("/", "/x", "/x/y"),
          Asks.METHOD, List.of("GET", "POST", "PUT"),
          Asks.HOST, List.of("a.test", "b.test"),
          Asks.PORT, List.of("80", "8080", "9090"),
          Asks.PEER, List.of("192.0.2.1", "198.51.100.1"),
          Asks.CLIENT, List.of("192.0.2.1", "198.51.100.1"));

  private static final Map<String, Pattern> WRITTEN =
      Map.of(
          Asks.PATH, Pattern.compile("(/[\\w~-][\\w.~-]*)*/?"),
          Asks.METHOD, Pattern.compile("[A-Za-z-]+"),
          Asks.HOST, Pattern.compile("[\\w-]+(\\.[\\w-]+)*(:\\d+)?"));

  private static final Pattern PLAIN = Pattern.compile("[\\w./:@ -]+");

  private static final Set<String> IDENTITY =
      Set.of(Asks.PRINCIPAL, Asks.NAMESPACE, Asks.ACCOUNT, Asks.TRUST_DOMAIN);

  private final List<Part> parts;

  private Probes(List<Part> parts) {
    this.parts = parts;
  }

  /** A request of which all parts hold. */
  static Optional<Probe> of(List<Part> parts) {
    return new Probes(parts).made();
  }

  private Optional<Probe> made() {
    List<Optional<String>> needed =
        Stream.of(Asks.PATH, Asks.METHOD, Asks.HOST, Asks.PORT, Asks.PEER)
            .map(this::value)
            .toList();
    boolean foreign = wants(key -> !known(key));
    Optional<MultiMap> headers = headers();
    if (foreign || headers.isEmpty() || needed.stream().anyMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    List<String> values = needed.stream().map(Optional::orElseThrow).toList();
    int port = Integer.parseInt(values.get(3));
    RequestHead head =
        new RequestHead(
            values.get(1), "http", values.get(2), values.get(0), "", headers.orElseThrow());
    StringBuilder told = new StringBuilder(values.get(1));
    told.append(" http://").append(values.get(2)).append(values.get(0));
    headers
        .orElseThrow()
        .forEach(
            one ->
                told.append(" -H '")
                    .append(one.getKey())
                    .append(": ")
                    .append(one.getValue())
                    .append('\''));
    return caller(values.get(4), port, told)
        .map(one -> new Probe(head, one, port, told.toString()));
  }

  private Optional<Caller> caller(String peer, int port, StringBuilder told) {
    Optional<Caller> from =
        speaks(Asks.CLIENT)
            ? value(Asks.CLIENT).map(at(peer, port)::at)
            : Optional.of(at(peer, port));
    Optional<Caller> caller =
        from.flatMap(one -> proved(one, told)).flatMap(one -> bearing(one, told));
    if (speaks(Asks.CLIENT) || speaks(Asks.PEER)) {
      caller.ifPresent(one -> told.append(" from ").append(one.address()));
    }
    if (speaks(Asks.PORT)) {
      told.append(" at port ").append(port);
    }
    return caller;
  }

  private Caller at(String peer, int port) {
    return Caller.anonymous(peer, 0, port, wants(IDENTITY::contains));
  }

  private boolean speaks(String key) {
    return parts.stream().anyMatch(part -> part.key().equals(key));
  }

  private boolean wants(Predicate<String> key) {
    return parts.stream().anyMatch(part -> asked(part) && key.test(part.key()));
  }

  private Optional<Caller> proved(Caller caller, StringBuilder told) {
    if (!wants(IDENTITY::contains)) {
      return Optional.of(caller);
    }
    Optional<SpiffeId> id = identity();
    id.ifPresent(one -> told.append(" by ").append(one));
    return id.map(one -> caller.proved(one.toString(), one.namespace()));
  }

  private Optional<Caller> bearing(Caller caller, StringBuilder told) {
    if (!wants(Probes::bears)) {
      return Optional.of(caller);
    }
    Optional<Token> token = token();
    token.ifPresent(one -> told.append(" with a token of ").append(one.principal()));
    return token.map(caller::bearing);
  }

  private static boolean asked(Part part) {
    return !part.values().in().isEmpty();
  }

  private static boolean known(String key) {
    return USUAL.containsKey(key)
        || IDENTITY.contains(key)
        || bears(key)
        || (key.startsWith(Asks.HEADER) && !key.startsWith(Asks.HEADER + ":"));
  }

  private static boolean bears(String key) {
    return key.equals(Asks.TOKEN) || key.equals(Asks.AUDIENCE);
  }

  private Optional<SpiffeId> identity() {
    return parts.stream()
        .filter(part -> IDENTITY.contains(part.key()))
        .flatMap(part -> part.values().in().stream().flatMap(word -> ids(part.key(), word)))
        .flatMap(text -> SpiffeId.parse("spiffe://" + text).stream())
        .filter(
            id ->
                holds(Asks.PRINCIPAL, id.toString().substring("spiffe://".length()))
                    && holds(Asks.NAMESPACE, id.namespace())
                    && holds(Asks.ACCOUNT, id.namespace() + "/" + id.serviceAccount())
                    && holds(Asks.TRUST_DOMAIN, id.trustDomain()))
        .findFirst();
  }

  private static Stream<String> ids(String key, String word) {
    String text = word.replace("*", "");
    return switch (key) {
      case Asks.ACCOUNT -> Stream.of("cluster.local/ns/" + word.replaceFirst("/", "/sa/"));
      case Asks.NAMESPACE ->
          texts(word, "x").map(namespace -> "cluster.local/ns/" + namespace + "/sa/x");
      case Asks.TRUST_DOMAIN -> texts(word, "x").map(domain -> domain + "/ns/x/sa/x");
      default ->
          word.startsWith("*")
              ? Stream.of(
                  "cluster.local/ns/x/sa/x",
                  "cluster.local/ns/x" + text,
                  "cluster.local" + text,
                  "cluster.local/ns/x/sa/" + text)
              : word.endsWith("*")
                  ? Stream.of(
                      text,
                      text + "x",
                      text + "sa/x",
                      text + "/sa/x",
                      text + "ns/x/sa/x",
                      text + "/ns/x/sa/x")
                  : Stream.of(word);
    };
  }

  private Optional<Token> token() {
    Optional<String> principal =
        wants(Asks.TOKEN::equals)
            ? value(Asks.TOKEN)
            : Optional.of("issuer.test/x").filter(one -> holds(Asks.TOKEN, one));
    Optional<List<String>> audiences =
        wants(Asks.AUDIENCE::equals) ? value(Asks.AUDIENCE).map(List::of) : Optional.of(List.of());
    return principal.flatMap(who -> audiences.map(all -> new Token(who, all, "", Map.of())));
  }

  private Optional<MultiMap> headers() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (Part part : parts) {
      if (part.kind() == Part.Kind.HEADER && asked(part)) {
        Optional<String> value = value(part.key());
        if (value.isEmpty()) {
          return Optional.empty();
        }
        headers.set(
            part.key().substring(Asks.HEADER.length(), part.key().length() - 1), value.get());
      }
    }
    return Optional.of(headers);
  }

  /** A value that does for all parts that look at it. */
  private Optional<String> value(String key) {
    List<String> words =
        parts.stream()
            .filter(part -> part.key().equals(key))
            .flatMap(part -> part.values().in().stream())
            .toList();
    Stream<String> candidates =
        words.isEmpty() ? usual(key) : words.stream().flatMap(word -> candidates(key, word));
    Pattern written = WRITTEN.getOrDefault(key, PLAIN);
    return candidates
        .filter(text -> written.matcher(text).matches() && holds(key, text))
        .findFirst();
  }

  private boolean holds(String key, String value) {
    return parts.stream()
        .filter(part -> part.key().equals(key))
        .allMatch(part -> part.holds(value));
  }

  private static Stream<String> candidates(String key, String word) {
    return switch (key) {
      case Asks.PEER, Asks.CLIENT ->
          Stream.of(word.indexOf('/') < 0 ? word : word.substring(0, word.indexOf('/')));
      case Asks.PATH ->
          word.equals("*")
              ? usual(Asks.PATH)
              : texts(word.replace("{**}", "x").replace("{*}", "x"), "/x");
      case Asks.METHOD -> word.equals("*") ? usual(Asks.METHOD) : texts(word, "X");
      default -> texts(word, "x");
    };
  }

  /** What does where nothing else is asked for. */
  private static Stream<String> usual(String key) {
    return USUAL.getOrDefault(key, List.of()).stream();
  }

  /** Texts that a word takes. */
  private static Stream<String> texts(String word, String more) {
    if (word.equals("*")) {
      return Stream.of(more);
    }
    if (word.startsWith("*")) {
      return Stream.of(more + word.substring(1));
    }
    String start = word.endsWith("*") ? word.substring(0, word.length() - 1) : word;
    List<String> all = new ArrayList<>(List.of(start));
    if (word.endsWith("*")) {
      all.add(start + "x");
      all.add(start + "x1");
    }
    return all.stream();
  }
}
