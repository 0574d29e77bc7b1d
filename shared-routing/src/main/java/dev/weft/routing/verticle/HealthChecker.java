package dev.weft.routing.verticle;

import dev.weft.config.model.balance.HealthCheck;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.transport.EndpointProbe.Asked;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Asks endpoints by itself whether they are well, where their DestinationRule says how. Each is
 * asked once, however many event loops and clusters use it, and not again before what was asked
 * last is over; at most 64 at a time, the others wait their turn. One that is given up waits no
 * more: an endpoint that takes a connection and says nothing may leave it open for long. Belongs to
 * one event loop.
 *
 * <p>The first answer counts at once; later ones only after some in a row. Checks of one endpoint
 * are an interval apart, give or take a tenth, so that a fleet of proxies does not ask at once.
 */
final class HealthChecker {

  private static final int MOST_AT_ONCE = 64;
  private static final double JITTER = 0.1;

  private final Prober prober;
  private final Timers timers;
  private final DoubleSupplier chance;
  private final Listener listener;
  private final Map<Key, Target> targets = new HashMap<>();
  private final Deque<Target> due = new ArrayDeque<>();
  private int underWay;
  private boolean stopped;

  /** Asks; see {@link dev.weft.routing.transport.EndpointProbe#ask}. */
  interface Prober {
    Asked ask(Endpoint endpoint, HealthCheck check, String authority, boolean http2);
  }

  /** Hears of an endpoint that fell ill or recovered. */
  interface Listener {
    /**
     * @param why empty where it is well
     */
    void checked(Upstream upstream, Endpoint endpoint, boolean well, String why);
  }

  /** What makes two checks one. */
  private record Key(
      String address, UpstreamTls tls, HealthCheck check, String authority, boolean http2) {}

  /** An endpoint in a cluster. */
  private record Member(Upstream upstream, Endpoint endpoint) {}

  /**
   * @param chance 0 to 1, even
   */
  HealthChecker(Prober prober, Timers timers, DoubleSupplier chance, Listener listener) {
    this.prober = prober;
    this.timers = timers;
    this.chance = chance;
    this.listener = listener;
  }

  /** Takes account of endpoints and settings as they are now; to be called often. */
  void look(Collection<Upstream> upstreams) {
    Map<Key, List<Member>> wanted = new HashMap<>();
    for (Upstream upstream : upstreams) {
      UpstreamSettings settings = upstream.settings();
      if (settings.healthCheck().isEmpty() || upstream.name().direction() != Direction.OUTBOUND) {
        continue;
      }
      for (Endpoint endpoint : upstream.endpoints().endpoints()) {
        Key key =
            new Key(
                endpoint.address(),
                endpoint.tls(),
                settings.healthCheck().get(),
                upstream.name().host(),
                settings.speaksHttp2(endpoint.tls()));
        wanted.computeIfAbsent(key, any -> new ArrayList<>(1)).add(new Member(upstream, endpoint));
      }
    }
    targets.entrySet().removeIf(target -> !wanted.containsKey(target.getKey()) && gone(target));
    wanted.forEach(
        (key, members) -> {
          Target known = targets.get(key);
          if (known == null) {
            Target target = new Target(key, members);
            targets.put(key, target);
            enqueue(target);
          } else {
            known.members = members;
            known.tell(); // who joined learns what is known
          }
        });
  }

  private boolean gone(Map.Entry<Key, Target> target) {
    target.getValue().leave();
    due.remove(target.getValue());
    return true;
  }

  private void enqueue(Target target) {
    due.add(target);
    next();
  }

  private void next() {
    while (!stopped && underWay < MOST_AT_ONCE && !due.isEmpty()) {
      underWay++;
      due.remove().ask();
    }
  }

  /** No more questions. */
  void stop() {
    stopped = true;
    targets.values().forEach(Target::leave);
    targets.clear();
    due.clear();
  }

  /** How many endpoints are asked. */
  int targets() {
    return targets.size();
  }

  /** An endpoint that is asked again and again. */
  private final class Target {

    private final Key key;
    private List<Member> members;
    private Timers.Timer timer = () -> {};
    private boolean left;
    private boolean known;
    private boolean well;
    private String why = "";
    private int inARow; // answers other than what is known

    Target(Key key, List<Member> members) {
      this.key = key;
      this.members = members;
    }

    void ask() {
      Asked asked = prober.ask(members.get(0).endpoint, key.check, key.authority, key.http2);
      asked
          .answer()
          .onComplete(
              answer -> {
                heard(answer.succeeded(), text(answer.cause()));
                underWay--;
                next();
              });
      asked.over().onComplete(over -> later());
    }

    private static String text(Throwable cause) {
      return cause == null ? "" : String.valueOf(cause.getMessage());
    }

    private void later() {
      if (!left && !stopped) {
        double around = 1 + JITTER * (2 * chance.getAsDouble() - 1);
        long nanos = (long) (key.check.interval().toNanos() * around);
        timer = timers.after(Duration.ofNanos(nanos), () -> enqueue(this));
      }
    }

    private void heard(boolean fine, String told) {
      if (left) {
        return;
      }
      inARow = known && fine == well ? 0 : inARow + 1;
      int needed = !known ? 1 : fine ? key.check.healthyAfter() : key.check.unhealthyAfter();
      if (inARow >= needed) {
        known = true;
        well = fine;
        why = told;
        inARow = 0;
        tell();
      }
    }

    private void tell() {
      if (known) {
        for (Member member : members) {
          if (member.upstream.checked(member.endpoint, key.check, well)) {
            listener.checked(member.upstream, member.endpoint, well, why);
          }
        }
      }
    }

    private void leave() {
      left = true;
      timer.cancel();
    }
  }
}
