package dev.weft.routing.telemetry;

import dev.weft.config.model.telemetry.Metric;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Reading;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MeshSignals.Scrape;
import dev.weft.routing.telemetry.MeshSignals.Spread;
import dev.weft.routing.telemetry.MeshSignals.SpreadSupply;
import dev.weft.routing.telemetry.MeshSignals.Supply;
import dev.weft.routing.telemetry.tag.Numbers;
import dev.weft.routing.telemetry.tag.TagRules;
import dev.weft.routing.telemetry.tag.Tags;
import dev.weft.routing.telemetry.tag.ToldSeries;
import dev.weft.routing.telemetry.tag.ToldSeries.Counted;
import dev.weft.routing.telemetry.tag.ToldSeries.Row;
import dev.weft.routing.telemetry.trace.SeenTrace;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One scrape for everything: what Vert.x and the JVM measure through Micrometer, and our own
 * signals, merged into the same registry when it is read.
 *
 * <p>Vert.x' own HTTP and net metrics are off: they look meters up for each request and cost a
 * third of the throughput, and the signals here tell the same by Istio's names.
 *
 * <p>Any thread may scrape; a scrape takes milliseconds per ten thousand series, so event loops
 * leave it to a worker. The only place that knows Micrometer and the Prometheus library.
 */
public final class PrometheusMetrics implements AutoCloseable {

  /** Content type of {@link #scrape()}. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Content type of {@link #openMetrics()}. */
  public static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusMetrics.class);
  private static final long NO_TIMESTAMP = 0;

  private final PrometheusMeterRegistry registry;
  private final String name = UUID.randomUUID().toString(); // two proxies in a JVM share nothing
  private final Map<Metric, ToldSeries> series = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> untold = new ConcurrentHashMap<>(); // by the family
  private boolean jvm; // whether its meters are bound

  /** Begins to collect. */
  public PrometheusMetrics(MeshSignals signals) {
    PrometheusRegistry merged = new PrometheusRegistry();
    this.registry = new PrometheusMeterRegistry(new ExemplarsAtBuckets(), merged, Clock.SYSTEM);
    merged.register((MultiCollector) () -> collect(signals));
  }

  /** The JVM's own, from the first scrape on: they bring the JDK's management classes with them. */
  private synchronized void jvm() {
    if (jvm) {
      return;
    }
    jvm = true;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      // read when asked: Micrometer's binder is notified of every collection, at 2 % of a core
      FunctionTimer.builder(
              "jvm.gc.collections",
              collector,
              GarbageCollectorMXBean::getCollectionCount,
              GarbageCollectorMXBean::getCollectionTime,
              TimeUnit.MILLISECONDS)
          .tag("gc", collector.getName())
          .description("Collections and the time that they took.")
          .register(registry);
    }
  }

  /** For {@code Vertx.builder().withMetrics}, together with {@link #vertxOptions()}. */
  public VertxMetricsFactory vertxFactory() {
    return new MicrometerMetricsFactory(registry);
  }

  /** What Vert.x measures by itself: event bus, worker pools, verticles. */
  public MicrometerMetricsOptions vertxOptions() {
    MicrometerMetricsOptions options = new MicrometerMetricsOptions();
    options.setEnabled(true);
    return options
        .setRegistryName(name)
        .setDisabledMetricsCategories(
            Set.of(
                MetricsDomain.HTTP_SERVER.toCategory(),
                MetricsDomain.HTTP_CLIENT.toCategory(),
                MetricsDomain.NET_SERVER.toCategory(),
                MetricsDomain.NET_CLIENT.toCategory()));
  }

  /** Prometheus' text format 0.0.4. Not for event loops. */
  public String scrape() {
    jvm();
    return registry.scrape();
  }

  /** The same as OpenMetrics 1.0, which has exemplars. Not for event loops. */
  public String openMetrics() {
    jvm();
    return registry.scrape(OPEN_METRICS);
  }

  /** Stops to collect. */
  @Override
  public void close() {
    registry.close();
  }

  private MetricSnapshots collect(MeshSignals signals) {
    List<Reading> readings = signals.readings();
    List<MetricSnapshot> all = new ArrayList<>();
    all.add(
        counter(
            MetricNames.REQUESTS,
            "Requests that ended.",
            rows(signals, Metric.REQUEST_COUNT, readings, one -> one.durationMillis().count())));
    all.add(
        histogram(
            MetricNames.REQUEST_DURATION,
            "Time from a request's first byte to its response's last, in milliseconds.",
            spreads(signals, Metric.REQUEST_DURATION, readings, Reading::durationMillis)));
    if (signals.limits().sizes()) {
      all.add(
          histogram(
              MetricNames.REQUEST_BYTES,
              "Bytes of request bodies.",
              spreads(signals, Metric.REQUEST_SIZE, readings, Reading::requestBytes)));
      all.add(
          histogram(
              MetricNames.RESPONSE_BYTES,
              "Bytes of response bodies.",
              spreads(signals, Metric.RESPONSE_SIZE, readings, Reading::responseBytes)));
    }
    List<Reading> calls =
        readings.stream().filter(reading -> Outcome.ofGrpc(reading.outcome())).toList();
    all.add(
        counter(
            MetricNames.REQUEST_MESSAGES,
            "Messages of gRPC that callers sent.",
            rows(signals, Metric.GRPC_REQUEST_MESSAGES, calls, one -> one.messages().requests())));
    all.add(
        counter(
            MetricNames.RESPONSE_MESSAGES,
            "Messages of gRPC that callers were sent.",
            rows(
                signals, Metric.GRPC_RESPONSE_MESSAGES, calls, one -> one.messages().responses())));
    Scrape scrape = new Scrape();
    for (Supply supply : signals.supplies()) {
      guarded(
          all,
          supply.family(),
          () -> supplied(supply, supply.values().apply(scrape), signals.rules()));
    }
    for (SpreadSupply supply : signals.spreads()) {
      guarded(all, supply.family(), () -> spread(supply.family(), supply.values().apply(scrape)));
    }
    all.add(untold());
    return new MetricSnapshots(all);
  }

  /** One family that cannot be told takes no other with it. */
  private void guarded(List<MetricSnapshot> all, Family family, Supplier<MetricSnapshot> asked) {
    try {
      all.add(asked.get());
    } catch (RuntimeException broken) {
      untold.computeIfAbsent(family.name(), fresh -> new LongAdder()).increment();
      LOG.warn("metric {}: not told: {}", family.name(), broken.toString());
    }
  }

  private CounterSnapshot untold() {
    return new CounterSnapshot(
        new MetricMetadata(
            MetricNames.SCRAPE_FAILURES, "Scrapes that could not tell a family of metrics."),
        untold.entrySet().stream()
            .map(one -> counted((double) one.getValue().sum(), Labels.of("family", one.getKey())))
            .toList());
  }

  private List<Row> rows(
      MeshSignals signals, Metric metric, List<Reading> readings, ToLongFunction<Reading> count) {
    return told(
        signals,
        metric,
        readings.stream()
            .map(one -> one.counted(metric, Numbers.of((double) count.applyAsLong(one))))
            .toList());
  }

  private List<Row> spreads(
      MeshSignals signals,
      Metric metric,
      List<Reading> readings,
      Function<Reading, Histogram> which) {
    return told(
        signals,
        metric,
        readings.stream().map(one -> one.counted(metric, which.apply(one).numbers())).toList());
  }

  /** The series of a metric, as Telemetry has them told. */
  private List<Row> told(MeshSignals signals, Metric metric, List<Counted> counted) {
    return series
        .computeIfAbsent(metric, any -> new ToldSeries(metric, signals.limits().idle()))
        .rows(signals.rules(), counted, signals.now());
  }

  private static CounterSnapshot counter(String name, String help, List<Row> rows) {
    return new CounterSnapshot(
        new MetricMetadata(name, help),
        rows.stream().map(row -> counted(row.numbers().at(0), labels(row))).toList());
  }

  private static HistogramSnapshot histogram(String name, String help, List<Row> rows) {
    List<HistogramDataPointSnapshot> points = new ArrayList<>(rows.size());
    for (Row row : rows) {
      Histogram values = Histogram.ofNumbers(row.numbers());
      points.add(point(values, labels(row), exemplars(row.exemplars())));
    }
    return new HistogramSnapshot(new MetricMetadata(name, help), points);
  }

  private static HistogramDataPointSnapshot point(
      Histogram values, Labels labels, Exemplars exemplars) {
    return new HistogramDataPointSnapshot(
        ClassicHistogramBuckets.of(Histogram.upperBounds(), values.counts()),
        values.sum(),
        labels,
        exemplars,
        NO_TIMESTAMP);
  }

  private static Labels labels(Row row) {
    return Labels.of(row.names().toArray(String[]::new), row.labels().toArray(String[]::new));
  }

  private static Exemplars exemplars(List<SeenTrace> seen) {
    return seen.isEmpty()
        ? Exemplars.EMPTY
        : Exemplars.of(seen.stream().map(PrometheusMetrics::exemplar).toList());
  }

  private static Exemplar exemplar(SeenTrace seen) {
    return Exemplar.builder()
        .value(seen.millis())
        .traceId(seen.context().traceId())
        .spanId(TraceContext.spanId(seen.context().span()))
        .timestampMillis(seen.epochMillis())
        .build();
  }

  private static MetricSnapshot supplied(Supply supply, List<Sample> samples, TagRules rules) {
    Optional<Metric> standard = Metric.named(supply.family().name() + "_total");
    if (supply.counter() && standard.isPresent()) {
      return tcp(supply.family(), samples, standard.get(), rules);
    }
    MetricMetadata metadata = new MetricMetadata(supply.family().name(), supply.family().help());
    String[] names = supply.family().labelNames().toArray(String[]::new);
    return supply.counter()
        ? new CounterSnapshot(metadata, points(names, samples, PrometheusMetrics::counted))
        : new GaugeSnapshot(metadata, points(names, samples, PrometheusMetrics::gauged));
  }

  /** Counters of TCP are never forgotten: what they are told as is added up each time. */
  private static MetricSnapshot tcp(
      Family family, List<Sample> samples, Metric metric, TagRules rules) {
    List<Counted> counted =
        samples.stream()
            .map(
                one ->
                    new Counted(
                        one, 0, one.labels(), Tags.NONE, Numbers.of(one.value()), List.of()))
            .toList();
    return counter(family.name(), family.help(), ToldSeries.rows(metric, rules, counted));
  }

  private static HistogramSnapshot spread(Family family, List<Spread> spreads) {
    String[] names = family.labelNames().toArray(String[]::new);
    List<HistogramDataPointSnapshot> points =
        spreads.stream()
            .map(
                one ->
                    point(
                        one.values(),
                        Labels.of(names, one.labels().toArray(String[]::new)),
                        Exemplars.EMPTY))
            .toList();
    return new HistogramSnapshot(new MetricMetadata(family.name(), family.help()), points);
  }

  private static CounterDataPointSnapshot counted(double value, Labels labels) {
    return new CounterDataPointSnapshot(value, labels, noExemplar(), NO_TIMESTAMP);
  }

  private static GaugeDataPointSnapshot gauged(double value, Labels labels) {
    return new GaugeDataPointSnapshot(value, labels, noExemplar());
  }

  private static <P extends DataPointSnapshot> List<P> points(
      String[] names, List<Sample> samples, Point<P> point) {
    return samples.stream()
        .map(
            sample ->
                point.of(sample.value(), Labels.of(names, sample.labels().toArray(String[]::new))))
        .toList();
  }

  @SuppressWarnings("NullAway") // the library's word for "none"
  private static Exemplar noExemplar() {
    return null;
  }

  /**
   * Micrometer's defaults, but for exemplars at a histogram's count: OpenMetrics 1.0 has none
   * there, and Prometheus refuses the whole page for one.
   */
  private static final class ExemplarsAtBuckets implements PrometheusConfig {

    @Override
    public @Nullable String get(String key) {
      return PrometheusConfig.DEFAULT.get(key);
    }

    @Override
    public Properties prometheusProperties() {
      return new Properties();
    }
  }

  /** Makes a data point of a value and its labels. */
  @FunctionalInterface
  private interface Point<P extends DataPointSnapshot> {
    P of(double value, Labels labels);
  }
}
