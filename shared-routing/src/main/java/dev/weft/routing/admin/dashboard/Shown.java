package dev.weft.routing.admin.dashboard;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Problem;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import java.util.List;
import java.util.Map;

/** What the pages are drawn from: a proxy, or all proxies of a mesh. Asked on workers. */
public interface Shown {

  /**
   * Everything counted so far, by edge. No request is in two of them: of an edge that both ends
   * count, the source's count is told.
   */
  Map<EdgeLabels, Golden> edges();

  /** Everything counted so far, by the rule that was chosen; {@code -} stands for none. */
  Map<String, Golden> rules();

  /**
   * What there is now, by kind and name: {@code upstreams} (see {@link SignalJson#upstream}) and
   * {@code state}.
   */
  Map<String, Map<String, Object>> values();

  /** Why requests failed; empty where the page that tells it is another's. */
  default List<Failed> failures() {
    return List.of();
  }

  /** Of the configuration; lines around each are shown. */
  List<Problem> problems();

  /** The texts that these stand in, of files as of ConfigMaps. */
  List<ConfigDocument> texts();

  /** Somebody looks now; told about once a second for as long as that is so. */
  default void watched() {}
}
