package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.balance.GroupShares;
import dev.weft.routing.cluster.balance.LoadBalancer;
import dev.weft.routing.cluster.balance.LoadBalancers;
import dev.weft.routing.cluster.balance.Localities.Group;
import dev.weft.routing.cluster.balance.Mixing;
import dev.weft.routing.cluster.balance.SlowStart;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints and what was made to choose among them: one balancer for each locality that gets
 * requests. Replaced whole when endpoints or policy change, which takes its time; only {@link
 * #weigh} and {@link #pick} are for event loops. A pick takes no lock and allocates nothing.
 */
final class Balanced {

  private static final int TRIES = 4;
  private static final int WARM_TRIES = 8; // one that is refused by chance alone costs little
  private static final int GROUP_DRAW = -1;

  private final EndpointSet set;
  private final List<Group> groups;
  private final List<Endpoint[]> members = new ArrayList<>();
  private final List<LoadBalancer> balancers = new ArrayList<>();
  private final Optional<SlowStart> slowStart;
  private volatile Weighing weighing;
  private volatile @Nullable Map<InetSocketAddress, Endpoint> byAddress; // once somebody asks

  /**
   * What changes with the endpoints' health.
   *
   * @param panic whether so few are left that ejections must not count
   * @param oldest of each group, when the endpoint that is new for the longest time was so
   */
  private record Weighing(
      Optional<GroupShares> shares, boolean panic, List<Optional<Long>> oldest) {}

  Balanced(EndpointSet set, UpstreamSettings settings, Ticker ticker) {
    this.set = set;
    TrafficPolicy policy = settings.policy();
    TrafficPolicy.LoadBalancer wanted =
        policy.loadBalancer().orElse(TrafficPolicy.LoadBalancer.DEFAULT);
    this.groups = settings.grouped(set.endpoints());
    for (Group group : groups) {
      List<Endpoint> own = group.members().stream().map(set.endpoints()::get).toList();
      members.add(own.toArray(new Endpoint[0]));
      balancers.add(LoadBalancers.of(wanted, own, ticker));
    }
    this.slowStart =
        wanted
            .warmup()
            .filter(any -> warmed(wanted) && set.endpoints().size() > 1)
            .map(SlowStart::new);
    this.weighing = new Weighing(Optional.empty(), false, List.of());
    weigh(endpoint -> endpoint.health().available(ticker.nanos()), false);
  }

  private static boolean warmed(TrafficPolicy.LoadBalancer wanted) {
    return wanted.hash().isEmpty()
        && switch (wanted.simple()) {
          case LEAST_REQUEST, ROUND_ROBIN, PEAK_EWMA -> true;
          case RANDOM, PASSTHROUGH -> false;
        };
  }

  EndpointSet set() {
    return set;
  }

  /** The endpoint at an address. */
  Optional<Endpoint> at(InetSocketAddress address) {
    Map<InetSocketAddress, Endpoint> known = byAddress;
    if (known == null) {
      known = addresses();
      byAddress = known;
    }
    return Optional.ofNullable(known.get(address));
  }

  private Map<InetSocketAddress, Endpoint> addresses() {
    Map<InetSocketAddress, Endpoint> all = new HashMap<>();
    for (Endpoint endpoint : set.endpoints()) {
      @Nullable InetAddress host = NetUtil.createInetAddressFromIpAddressString(endpoint.host());
      if (host != null) {
        all.putIfAbsent(new InetSocketAddress(host, endpoint.port()), endpoint);
      }
    }
    return all;
  }

  /** Takes account of endpoints that fell ill or recovered. */
  void weigh(Predicate<Endpoint> well, boolean panic) {
    List<Endpoint> all = set.endpoints();
    Optional<GroupShares> shares =
        groups.size() < 2
            ? Optional.empty()
            : Optional.of(new GroupShares(groups, index -> panic || well.test(all.get(index))));
    List<Optional<Long>> oldest =
        slowStart.isPresent() ? members.stream().map(Balanced::oldest).toList() : List.of();
    weighing = new Weighing(shares, panic, oldest);
  }

  /** Whether {@link #weigh} makes a difference. */
  boolean weighs() {
    return groups.size() > 1 || slowStart.isPresent();
  }

  /** Empty where one of them is not new. */
  private static Optional<Long> oldest(Endpoint[] members) {
    long oldest = members[0].newSince();
    for (Endpoint endpoint : members) {
      if (!endpoint.isNew()) {
        return Optional.empty();
      }
      oldest = endpoint.newSince() - oldest < 0 ? endpoint.newSince() : oldest;
    }
    return Optional.of(oldest);
  }

  /**
   * As {@link Upstream#pick} says; what a {@link Pick} holds, one by one, so that it needs not be.
   */
  Optional<Endpoint> pick(long first, OptionalLong key, List<Endpoint> tried, long now) {
    if (groups.isEmpty()) {
      return Optional.empty();
    }
    Weighing current = weighing;
    int group = group(current, first, key);
    Endpoint[] all = members.get(group);
    LoadBalancer balancer = balancers.get(group);
    long draw = first;
    int useless = 0;
    for (int round = 0; round < WARM_TRIES && useless < TRIES; round++) {
      Endpoint endpoint = all[balancer.choose(draw, key, round)];
      if (rank(endpoint, tried, now, current.panic) != 0) {
        useless++;
      } else if ((round == WARM_TRIES - 1 || warm(endpoint, current, group, draw, now))
          && endpoint.health().tries(now)) {
        return endpoint.picked();
      }
      draw = Mixing.mix(draw, round + 1);
    }
    return lastResort(key.isPresent() ? Mixing.mix(key.getAsLong()) : first, tried, now);
  }

  /** A key stays in its locality. */
  private static int group(Weighing current, long first, OptionalLong key) {
    if (current.shares.isEmpty()) {
      return 0;
    }
    long draw = key.isPresent() ? key.getAsLong() : first;
    return current.shares.get().pick(Mixing.mix(draw, GROUP_DRAW));
  }

  /** Whether one that is new takes this one: by chance, beside the warmest of its group. */
  private boolean warm(Endpoint endpoint, Weighing current, int group, long draw, long now) {
    if (slowStart.isEmpty() || !endpoint.isNew()) {
      return true;
    }
    double own = slowStart.get().part(now - endpoint.newSince());
    if (own >= 1) {
      endpoint.grown();
      return true;
    }
    Optional<Long> oldest = current.oldest.get(group);
    double best = oldest.isEmpty() ? 1 : slowStart.get().part(now - oldest.get());
    double chance = (Mixing.mix(draw, GROUP_DRAW - 1) >>> 11) * 0x1.0p-53;
    return chance * best < own;
  }

  /** The least bad of all, the nearest first; a key always finds the same. */
  private Optional<Endpoint> lastResort(long draw, List<Endpoint> tried, long now) {
    boolean panic = weighing.panic;
    Optional<Endpoint> best = Optional.empty();
    int bestRank = Rank.EJECTED;
    for (Endpoint[] all : members) {
      int from = (int) Long.remainderUnsigned(draw, all.length);
      for (int i = 0; i < all.length; i++) {
        Endpoint endpoint = all[from + i < all.length ? from + i : from + i - all.length];
        int rank = rank(endpoint, tried, now, panic);
        if (rank < bestRank) {
          bestRank = rank;
          best = endpoint.picked();
        }
      }
    }
    return best;
  }

  private static int rank(Endpoint endpoint, List<Endpoint> tried, long now, boolean panic) {
    EndpointHealth health = endpoint.health();
    if (!panic && health.ejected(now)) {
      return Rank.EJECTED;
    }
    int rank = health.chosenLast(now) ? Rank.JUST_FAILED : 0;
    if (!panic && health.failsCheck()) {
      rank += Rank.FAILS_CHECK;
    }
    return !tried.isEmpty() && tried.contains(endpoint) ? rank + Rank.TRIED : rank;
  }

  /** How much speaks against an endpoint. */
  private static final class Rank {
    private static final int JUST_FAILED = 1;
    private static final int TRIED = 2;
    private static final int FAILS_CHECK = 4;
    private static final int EJECTED = 8;
  }

  /** Which group an endpoint is in, the nearest is 0; empty where it gets no requests. */
  OptionalInt group(Endpoint endpoint) {
    for (int i = 0; i < members.size(); i++) {
      if (List.of(members.get(i)).contains(endpoint)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** The part of all requests that a group gets now, 0 to 1. */
  double share(int group) {
    return weighing.shares.map(shares -> shares.of(group)).orElse(1.0);
  }

  /** The part of its share that an endpoint gets while it is new, 0 to 1. */
  double warmth(Endpoint endpoint, long now) {
    return slowStart.isEmpty() || !endpoint.isNew()
        ? 1
        : slowStart.get().part(now - endpoint.newSince());
  }
}
