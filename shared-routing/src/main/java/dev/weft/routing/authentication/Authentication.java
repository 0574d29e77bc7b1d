package dev.weft.routing.authentication;

import dev.weft.config.model.security.RequestAuthentication.JwtRule;
import dev.weft.config.model.security.RequestAuthentication.TokenHeader;
import dev.weft.config.model.security.RequestAuthentication.TokenPlaces;
import dev.weft.routing.authentication.Answer.Bad;
import dev.weft.routing.authentication.Answer.Full;
import dev.weft.routing.authentication.Answer.Known;
import dev.weft.routing.authentication.Answer.Waits;
import dev.weft.routing.authentication.KnownTokens.Seen;
import dev.weft.routing.authentication.jwt.Refused;
import dev.weft.routing.authentication.jwt.SignedToken;
import dev.weft.routing.authentication.jwt.TokenFault;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.resilience.overload.AsksUnderWay;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All RequestAuthentications that hold at one place: finds the token of a request, and whether it
 * counts.
 *
 * <p>A request without a token is anonymous; one whose token does not count is refused, as is one
 * with several, since nobody can say which of them its service would go by. A token is verified
 * once for each event loop: then it costs one look-up. Where keys are missing, or others may have
 * come, the request waits for them without holding up its loop.
 *
 * <p>Source: Istio security/v1 {@code RequestAuthentication}; RFC 6750 section 2.
 */
public final class Authentication {

  /** No rule at all. */
  public static final Authentication NONE =
      new Authentication(List.of(), 0, new AsksUnderWay(0, 1));

  /** A place and whose tokens may stand there. */
  private record Place(int index, TokenPlace at, List<TokenRule> rules) {}

  /** A token that stands somewhere. */
  private record Found(Place place, String token) {}

  private final List<JwtRule> rules;
  private final List<Place> places;
  private final TokenHeaders headers;
  private final AsksUnderWay fetching;
  private final List<KnownTokens> known = new ArrayList<>(); // by the loop's index

  /**
   * @param loops of the process
   * @param fetching how many may wait for keys
   */
  Authentication(List<TokenRule> rules, int loops, AsksUnderWay fetching) {
    this.fetching = fetching;
    this.rules = rules.stream().map(TokenRule::rule).toList();
    this.places = places(rules);
    this.headers = new TokenHeaders(this.rules);
    for (int i = 0; i < loops; i++) {
      known.add(new KnownTokens());
    }
  }

  private static List<Place> places(List<TokenRule> rules) {
    Map<TokenPlace, List<TokenRule>> all = new LinkedHashMap<>();
    for (TokenRule rule : rules) {
      TokenPlaces from = rule.rule().from();
      for (TokenHeader header : from.headers()) {
        add(all, new TokenPlace.InHeader(header.name(), header.prefix()), rule);
      }
      from.params().forEach(name -> add(all, new TokenPlace.InQuery(name), rule));
      from.cookies().forEach(name -> add(all, new TokenPlace.InCookie(name), rule));
    }
    List<Place> places = new ArrayList<>();
    all.forEach((at, of) -> places.add(new Place(places.size(), at, List.copyOf(of))));
    return List.copyOf(places);
  }

  private static void add(Map<TokenPlace, List<TokenRule>> all, TokenPlace place, TokenRule rule) {
    List<TokenRule> there = all.computeIfAbsent(place, any -> new ArrayList<>());
    if (!there.contains(rule)) {
      there.add(rule);
    }
  }

  /** Whether nobody's token is looked at. */
  public boolean none() {
    return rules.isEmpty();
  }

  /** Whether tokens of an issuer may count. */
  public boolean trusts(String issuer) {
    return rules.stream().anyMatch(rule -> rule.issuer().equals(issuer));
  }

  /** Whether the keys of an issuer stand in the configuration. */
  public boolean knowsKeys(String issuer) {
    return rules.stream()
        .filter(rule -> rule.issuer().equals(issuer))
        .allMatch(rule -> rule.keys().jwks().isPresent());
  }

  /**
   * What would be known of the token of a request: nobody is asked, and nothing is kept. Where keys
   * do not {@link #knowsKeys stand in the configuration} its signature is taken for right. For
   * explanations; any thread.
   *
   * @param nowMillis of 1970
   */
  public Answer thought(RequestHead head, long nowMillis) {
    List<Found> found = find(head);
    if (found.size() != 1) {
      return found.isEmpty()
          ? Answer.None.ANONYMOUS
          : new Bad(TokenFault.SEVERAL, Optional.empty());
    }
    Found one = found.get(0);
    try {
      if (one.token.length() > SignedToken.LONGEST) {
        throw new Refused(TokenFault.TOO_LONG);
      }
      return thought(one, SignedToken.parse(one.token), nowMillis);
    } catch (Refused refused) {
      return new Bad(refused.fault(), Optional.of(one.place.at));
    }
  }

  private static Answer thought(Found found, SignedToken token, long nowMillis) throws Refused {
    String issuer = token.claims().text("iss");
    Refused last = new Refused(TokenFault.UNKNOWN_ISSUER);
    for (TokenRule rule : found.place.rules) {
      if (rule.rule().issuer().equals(issuer)) {
        try {
          rule.claims(token.claims(), TimeUnit.MILLISECONDS.toSeconds(nowMillis));
          if (rule.rule().keys().jwks().isPresent()) {
            rule.signed(token);
          }
          return new Known(rule.token(token.claims()), rule.headers(token), taken(found, rule));
        } catch (Refused refused) {
          last = refused;
        }
      }
    }
    throw last;
  }

  private static Optional<TokenPlace> taken(Found found, TokenRule rule) {
    return rule.rule().forwardOriginalToken() ? Optional.empty() : Optional.of(found.place.at);
  }

  /** What rules compare of a request of whose token this is known. */
  public RequestHead seen(RequestHead head, Answer answer) {
    RequestHead seen = head;
    Map<String, String> told = Map.of();
    if (answer instanceof Known good) {
      seen = good.taken().map(place -> place.without(head)).orElse(head);
      told = good.headers();
    }
    return headers.seen(seen, told);
  }

  /** What it was made of. */
  List<JwtRule> rules() {
    return rules;
  }

  /** What is known of the token of a request. The loop's own thread. */
  public Answer of(RequestHead head, Loop loop) {
    List<Found> found = find(head);
    if (found.isEmpty()) {
      return Answer.None.ANONYMOUS;
    }
    if (found.size() > 1) {
      return new Bad(TokenFault.SEVERAL, Optional.empty());
    }
    Found one = found.get(0);
    KnownTokens memory = known.get(loop.index());
    Answer before = memory.get(one.place.index, one.token, loop.ticker().epochMillis());
    return before == null ? verified(one, loop, true) : before;
  }

  private List<Found> find(RequestHead head) {
    List<Found> found = new ArrayList<>(1);
    for (Place place : places) {
      place.at.each(head, token -> add(found, new Found(place, token)));
    }
    return found;
  }

  /** Behind the longer of two words of one header there is less that is no token. */
  private static void add(List<Found> found, Found one) {
    Found last = found.isEmpty() ? null : found.get(found.size() - 1);
    if (last != null && sameHeader(last.place.at, one.place.at)) {
      if (last.token.endsWith(one.token) && one.token.length() < last.token.length()) {
        found.set(found.size() - 1, one);
        return;
      }
      if (one.token.endsWith(last.token)) {
        return;
      }
    }
    found.add(one);
  }

  private static boolean sameHeader(TokenPlace one, TokenPlace other) {
    return !one.equals(other)
        && one instanceof TokenPlace.InHeader header
        && other instanceof TokenPlace.InHeader second
        && header.name().equals(second.name());
  }

  /**
   * @param patient whether keys may be waited for
   */
  private Answer verified(Found found, Loop loop, boolean patient) {
    if (found.token.length() > SignedToken.LONGEST) {
      return new Bad(TokenFault.TOO_LONG, Optional.of(found.place.at));
    }
    long now = loop.ticker().epochMillis();
    try {
      SignedToken token = SignedToken.parse(found.token);
      String issuer = token.claims().text("iss");
      List<TokenRule> candidates =
          found.place.rules.stream().filter(one -> one.rule().issuer().equals(issuer)).toList();
      return byRules(found, token, candidates, loop, patient);
    } catch (Refused refused) {
      return bad(found, refused.fault(), List.of(), loop, now);
    }
  }

  private Answer byRules(
      Found found, SignedToken token, List<TokenRule> candidates, Loop loop, boolean patient) {
    long now = loop.ticker().epochMillis();
    List<Seen> seen = new ArrayList<>(1);
    List<Seen> others = new ArrayList<>(1);
    TokenFault fault = TokenFault.UNKNOWN_ISSUER;
    for (TokenRule rule : candidates) {
      Seen tried = Seen.of(rule.keys()); // before they are: what comes in between is another one
      seen.add(tried);
      try {
        rule.claims(token.claims(), TimeUnit.MILLISECONDS.toSeconds(now));
        rule.signed(token);
        return good(found, token, rule, seen, loop);
      } catch (Refused refused) {
        fault = refused.fault();
        if (fault.byKeys()) {
          others.add(tried);
        }
      }
    }
    if (patient && !others.isEmpty()) {
      return afterOthers(found, others, loop);
    }
    return bad(found, fault, seen, loop, now);
  }

  /** Once more with other keys; at once where there are none to be had now. */
  private Answer afterOthers(Found found, List<Seen> tried, Loop loop) {
    if (!fetching.began(loop)) {
      return new Full(fetching.most());
    }
    Future<?> all =
        Future.join(tried.stream().map(one -> one.source().others(one.keys())).toList());
    all.onComplete(done -> fetching.ended(loop)); // whoever left by then is held on to so long
    if (all.isComplete()) {
      return verified(found, loop, false);
    }
    return new Waits(all.transform(any -> Future.succeededFuture(verified(found, loop, false))));
  }

  private Answer good(Found found, SignedToken token, TokenRule rule, List<Seen> seen, Loop loop)
      throws Refused {
    Known good = new Known(rule.token(token.claims()), rule.headers(token), taken(found, rule));
    OptionalLong expires = token.claims().seconds("exp");
    long until = expires.isEmpty() ? Long.MAX_VALUE : ended(expires.getAsLong());
    known.get(loop.index()).put(found.place.index, found.token, good, until, seen);
    return good;
  }

  /** The first millisecond at which a token does not count any more. */
  private static long ended(long expires) {
    long end = expires + TokenRule.SKEW_SECONDS;
    return end < expires ? Long.MAX_VALUE : TimeUnit.SECONDS.toMillis(end);
  }

  private Answer bad(Found found, TokenFault fault, List<Seen> seen, Loop loop, long now) {
    Bad answer = new Bad(fault, Optional.of(found.place.at));
    boolean forGood = fault != TokenFault.NOT_YET && fault != TokenFault.NO_KEYS;
    if (forGood) {
      long until = fault.byKeys() ? now + TimeUnit.SECONDS.toMillis(10) : Long.MAX_VALUE;
      known.get(loop.index()).put(found.place.index, found.token, answer, until, seen);
    }
    return answer;
  }

  /** Takes tokens away wherever they may stand: no log may tell them. */
  public void hide(Request request) {
    places.forEach(place -> place.at.take(request));
  }

  /**
   * Carries out what is known: the headers that tell of the token, and only those; the token itself
   * goes on where a rule says so.
   */
  public void apply(Request request, Answer answer) {
    @Nullable TokenPlace taken = null;
    Map<String, String> told = Map.of();
    if (answer instanceof Known good) {
      taken = good.taken().orElse(null);
      told = good.headers();
    } else if (answer instanceof Bad bad) {
      taken = bad.at().orElse(null);
    }
    if (taken != null) {
      taken.take(request);
    } else if (answer instanceof Bad) {
      hide(request);
    }
    headers.set(request, told);
  }
}
