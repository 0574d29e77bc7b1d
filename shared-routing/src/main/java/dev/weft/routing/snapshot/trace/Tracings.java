package dev.weft.routing.snapshot.trace;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.config.model.telemetry.TraceSettings.Format;
import dev.weft.config.model.telemetry.Tracing;
import dev.weft.routing.authorization.Policies;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.stage.RetryingService;
import dev.weft.routing.stage.UpstreamService;
import dev.weft.routing.stage.trace.TraceStage;
import dev.weft.routing.stage.trace.TraceStage.Wanted;
import dev.weft.routing.stage.trace.UnderWay;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.collect.CallTracer;
import dev.weft.routing.telemetry.collect.Collector;
import dev.weft.routing.telemetry.collect.Reporter;
import dev.weft.routing.telemetry.collect.TraceExporter;
import dev.weft.routing.telemetry.trace.SpanSink;
import dev.weft.routing.telemetry.trace.Tags;
import dev.weft.routing.telemetry.trace.TraceObserver;
import dev.weft.routing.telemetry.trace.TraceRing;
import dev.weft.routing.transport.UpstreamClient;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/**
 * Makes of Telemetry and settings what each snapshot's requests are traced by, and holds what
 * outlives them: the ring, what waits for a collector, what is under way. One for each process; a
 * snapshot is compiled by one thread at a time.
 *
 * <p>Where no Telemetry speaks of a workload's traces there is no stage: headers go on as they
 * came, and all that is left is the look at how a request ended.
 */
public final class Tracings {

  private static final int PER_PERCENT = 10_000; // of a million

  private final TraceRing ring = new TraceRing();
  private final UnderWay underWay = new UnderWay();
  private final TraceExporter exporter;
  private final CallTracer calls;

  public Tracings(Ticker ticker) {
    this.exporter =
        new TraceExporter(
            new LogOncePerMinute(LoggerFactory.getLogger(TraceExporter.class), ticker));
    this.calls = new CallTracer(exporter);
  }

  /** The last requests that failed or were slow. */
  public TraceRing ring() {
    return ring;
  }

  /** What tells collectors. */
  public TraceExporter exporter() {
    return exporter;
  }

  /** What tells of the program's own calls, for its Vert.x. */
  public CallTracer calls() {
    return calls;
  }

  /**
   * What one snapshot's requests are traced by.
   *
   * @param stage empty where no Telemetry speaks of traces
   */
  public record Traced(Optional<Stage> stage, ExchangeObserver observer) {
    /** Both are told of each end. */
    public ExchangeObserver beside(ExchangeObserver other) {
      return (exchange, ending) -> {
        other.ended(exchange, ending);
        observer.ended(exchange, ending);
      };
    }
  }

  /**
   * Whose requests they are.
   *
   * @param version of the snapshot
   * @param clients by the index of the event loop
   */
  public record Serving(Workload workload, long version, List<UpstreamClient> clients) {}

  /** What a snapshot's requests are traced by. */
  public Traced of(
      MeshConfig config,
      Settings settings,
      Serving serving,
      Function<ClusterName, Upstream> upstreams) {
    Workload workload = serving.workload;
    Optional<Tracing> told =
        Telemetry.tracing(
            Policies.telemetries(config, workload), workload.namespace(), workload.labels());
    Optional<TraceProvider> provider =
        told.flatMap(Tracing::provider).flatMap(name -> named(settings, name));
    Set<String> redacted = Set.copyOf(settings.log().redact());
    Tags tags = told.map(one -> new Tags(one.tags(), System.getenv(), redacted)).orElse(Tags.NONE);
    Optional<Collector> collector =
        told.filter(one -> !one.silent().orElse(false))
            .flatMap(
                one ->
                    provider.map(
                        to -> collector(to, serving, one.istioTags().orElse(true), upstreams)));
    collector.ifPresentOrElse(to -> calls.tell(to, percent(told.orElseThrow())), calls::quiet);
    SpanSink sink = collector.map(exporter::to).orElse(SpanSink.NONE);
    return new Traced(
        told.map(one -> stage(one, formats(settings, provider))),
        new TraceObserver(ring, sink, settings.tracing(), tags, Long.toString(serving.version)));
  }

  private Stage stage(Tracing told, int formats) {
    int share = (int) Math.round(percent(told) * PER_PERCENT);
    return new TraceStage(new Wanted(share, formats, !told.alone().orElse(false)), underWay);
  }

  private static double percent(Tracing told) {
    return told.percent().orElse(Tracing.DEFAULT_PERCENT);
  }

  private static Collector collector(
      TraceProvider to,
      Serving serving,
      boolean istioTags,
      Function<ClusterName, Upstream> upstreams) {
    Upstream upstream = upstreams.apply(ClusterName.outbound(to.host(), to.port(), ""));
    Service way =
        new RetryingService(
            RetryPolicy.DEFAULT, new UpstreamService(upstream, serving.clients)); // unobserved
    return new Collector(to, way, Reporter.of(serving.workload, istioTags));
  }

  private static Optional<TraceProvider> named(Settings settings, String name) {
    return settings.collectors().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** Of a trace that begins here. */
  private static int formats(Settings settings, Optional<TraceProvider> provider) {
    List<Format> wanted = settings.tracing().formats();
    if (wanted.isEmpty()) {
      boolean zipkin = provider.filter(to -> to.protocol() == Protocol.ZIPKIN).isPresent();
      return zipkin ? TraceContext.B3 : TraceContext.W3C;
    }
    return wanted.stream().mapToInt(Tracings::bit).reduce(0, (all, one) -> all | one);
  }

  private static int bit(Format format) {
    return switch (format) {
      case W3C -> TraceContext.W3C;
      case B3 -> TraceContext.B3;
      case B3_SINGLE -> TraceContext.B3_SINGLE;
    };
  }
}
