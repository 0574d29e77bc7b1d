package dev.weft.routing.snapshot.guard;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.authentication.AuthenticationCompiler;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.stage.edge.Addresses;
import dev.weft.routing.telemetry.LogOncePerMinute;
import org.slf4j.LoggerFactory;

/** Makes the guard of each snapshot; what it found out of tokens stays. One thread at a time. */
public final class Guards {

  private final Workload workload;
  private final boolean edge;
  private final AuthenticationCompiler tokens;
  private final LogOncePerMinute rehearsals; // of policies that keep nobody away

  /**
   * Where callers come in.
   *
   * @param edge whether they are from outside
   * @param loops of the process
   */
  public record Place(Workload workload, boolean edge, int loops) {}

  /**
   * @param keys of those whose tokens count
   */
  public Guards(Place place, KeySources keys, Ticker ticker) {
    this.workload = place.workload;
    this.edge = place.edge;
    this.tokens = new AuthenticationCompiler(workload, keys, place.loops);
    this.rehearsals = new LogOncePerMinute(LoggerFactory.getLogger(Guards.class), ticker);
  }

  /**
   * @param settings what becomes of a path that servers may read differently, and from where
   *     callers may come
   * @param refusal as for {@link Guard#of}
   */
  public Guard of(MeshConfig config, Settings settings, Service refusal) {
    Addresses addresses = edge ? Addresses.of(settings.edge().policy()) : Addresses.ANY;
    return Guard.of(
        tokens.compile(config),
        new AuthorizationCompiler(config, workload, settings.path().ambiguous()),
        refusal,
        rehearsals,
        new Guard.From(edge, addresses));
  }
}
