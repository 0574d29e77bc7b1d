package dev.weft.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.UpstreamRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each endpoint that a sidecar may reach holds of its heap, before it is called. */
final class HeldByEndpointsTest {

  private static final Logger LOG = LoggerFactory.getLogger(HeldByEndpointsTest.class);
  private static final int SERVICES = 1000;
  private static final int MORE = 10; // endpoints of each
  private static final long LARGEST = 10 << 10; // bytes for each

  /** All that a process keeps of a configuration. */
  private record Held(MeshConfig config, SnapshotCompiler compiler, Snapshot snapshot) {}

  @Test
  void tenThousandMoreHoldAtMostTenKibibytesEach() {
    serving(1); // whatever is loaded for the first is not the second's
    long empty = used();
    Held few = serving(1);
    long before = used();
    Held many = serving(1 + MORE);
    long after = used();

    long each = (after - before - (before - empty)) / (SERVICES * MORE);
    LOG.info("each of {} endpoints more holds {} bytes", SERVICES * MORE, each);
    assertThat(many.config.endpointSlices()).hasSize(few.config.endpointSlices().size());
    assertThat(many.snapshot.mesh().table().routes()).isNotEmpty();
    assertThat(many.compiler).isNotSameAs(few.compiler);
    assertThat(each).isBetween(100L, LARGEST);
  }

  private static Held serving(int endpoints) {
    MeshConfig config = ConfigCodec.read(ConfigCodec.write(read(endpoints))); // as it is streamed
    SnapshotCompiler compiler =
        new SnapshotCompiler(
            new Workload("default", "caller", "cluster.local", Map.of()),
            new Plan(Map.of(), true, false),
            new UpstreamRegistry(new SystemTicker(), (name, told) -> new NeverOpen(), new Nobody()),
            (version, log) -> (exchange, ending) -> {},
            List.of());
    return new Held(config, compiler, compiler.compile(1, config, Map.of()));
  }

  private static MeshConfig read(int endpoints) {
    List<ConfigDocument> all = new ArrayList<>();
    for (int i = 0; i < SERVICES; i++) {
      String name = "service-" + i + ".yaml";
      all.add(new ConfigDocument("services", name, service(i, endpoints)));
    }
    LoadResult result = ConfigLoader.load(all);
    assertThat(result.problems()).noneMatch(problem -> problem.error());
    return result.config();
  }

  private static String service(int i, int endpoints) {
    String listed =
        IntStream.range(0, endpoints)
            .mapToObj(
                one ->
                    """
                    - addresses: ["10.%1$d.%2$d.%3$d"]
                      conditions: {ready: true}
                      zone: zone-%4$d
                      deprecatedTopology: {app: service-%5$d, version: v%4$d}
                    """
                        .formatted(i / 250, i % 250, one, one % 3, i))
            .collect(Collectors.joining());
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: service-%1$d}
    spec: {ports: [{name: http, port: 8080}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: service-%1$d-a, labels: {kubernetes.io/service-name: service-%1$d}}
    addressType: IPv4
    ports: [{name: http, port: 8080}]
    endpoints:
    %2$s"""
        .formatted(i, listed);
  }

  private static long used() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }

  private static final class Nobody implements UpstreamRegistry.Listener {
    @Override
    public void breaker(ClusterName cluster, CircuitBreaker.State state) {
      // nobody asks
    }

    @Override
    public void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected) {
      // nobody asks
    }
  }
}
