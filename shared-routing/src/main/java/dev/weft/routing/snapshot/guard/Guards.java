package dev.weft.routing.snapshot.guard;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.authentication.AuthenticationCompiler;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.resilience.overload.AsksUnderWay;
import dev.weft.routing.stage.AdmitStage;
import dev.weft.routing.stage.edge.Addresses;
import dev.weft.routing.stage.external.ExternalAuthorization;
import dev.weft.routing.telemetry.LogOncePerMinute;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/** Makes the guard of each snapshot; what it found out of tokens stays. One thread at a time. */
public final class Guards {

  private final Workload workload;
  private final boolean edge;
  private final AuthenticationCompiler tokens;
  private final AsksUnderWay asking; // authorizers
  private final LogOncePerMinute log; // of policies that keep nobody away, and of failed checks

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
    this.asking = AsksUnderWay.ofHalf(place.loops);
    this.log = new LogOncePerMinute(LoggerFactory.getLogger(Guards.class), ticker);
  }

  /**
   * Where a guard sends requests.
   *
   * @param admit whether a request may be under way at all; empty where any may
   * @param refusal as for {@link Guard#of}
   * @param authorizers the way to a cluster whose services are asked whether a request may go on
   */
  public record Ways(
      Optional<AdmitStage> admit, Service refusal, Function<ClusterName, Service> authorizers) {}

  /**
   * @param settings what becomes of a path that servers may read differently, from where callers
   *     may come, and who may be asked about requests
   */
  public Guard of(MeshConfig config, Settings settings, Ways ways) {
    Addresses addresses = edge ? Addresses.of(settings.edge().policy()) : Addresses.ANY;
    AuthorizationCompiler policies =
        new AuthorizationCompiler(config, workload, settings.path().ambiguous());
    Optional<ExternalAuthorization> external =
        policies
            .asking()
            .map(
                asking ->
                    new ExternalAuthorization(
                        asking,
                        ways.authorizers,
                        workload,
                        settings.limits().bodyBytes(),
                        this.asking.within(settings.overload().maxInFlight()),
                        log));
    Guard.From from = new Guard.From(edge, addresses, ways.admit);
    return Guard.of(tokens.compile(config), policies, external, ways.refusal, log, from);
  }
}
