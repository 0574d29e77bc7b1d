package dev.weft.routing.discovery;

import dev.weft.config.model.ServiceEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ServiceEntries that a workload sees, by their hosts. Filled once, then read by any thread.
 */
final class SeenEntries {

  private final Map<String, List<ServiceEntry>> byHost = new HashMap<>();

  /** Adds one by all of its hosts. */
  void add(ServiceEntry entry) {
    entry
        .hosts()
        .forEach(host -> byHost.computeIfAbsent(host, any -> new ArrayList<>(1)).add(entry));
  }

  /** Whether an entry is seen by one of its hosts. */
  boolean has(ServiceEntry entry, String host) {
    return byHost.getOrDefault(host, List.of()).contains(entry);
  }

  /** Those that have the host, or else the longest suffix of it. */
  List<ServiceEntry> of(String host) {
    List<ServiceEntry> exact = byHost.get(host);
    for (int dot = host.indexOf('.'); exact == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
      exact = byHost.get("*" + host.substring(dot));
    }
    return exact == null ? List.of() : exact;
  }

  /** Where the oldest of them stands. */
  Optional<String> namespace(String host) {
    return of(host).stream().findFirst().map(entry -> entry.meta().namespace());
  }
}
