package dev.weft.routing.admin.canary;

import dev.weft.routing.admin.AdminView;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** Whoever knows which rules divide their requests, and what came of it: a proxy, or a mesh. */
public interface Dividing {

  /** The rules that serve and have more than one share, each once. Asked on a worker. */
  List<AdminView.Route> rules();

  /**
   * What each share of these rules got since the weights are what they are; a rule of which nothing
   * is known is absent. Any thread.
   *
   * @return by name of the rule
   */
  Future<Map<String, Measured>> measured(List<AdminView.Route> rules);

  /** Another version serves. On a worker. */
  default void changed() {}

  /**
   * What came of a rule.
   *
   * @param since when, in milliseconds since 1970
   * @param parts in the order of the rule's shares
   */
  record Measured(long since, List<Part> parts) {
    public Measured {
      parts = List.copyOf(parts);
    }
  }

  /**
   * What came of a share.
   *
   * @param versions that its endpoints are labelled with
   */
  record Part(Count got, List<String> versions) {

    /** Of nothing. */
    public static final Part NONE = new Part(Count.NONE, List.of());

    public Part {
      versions = List.copyOf(versions);
    }
  }
}
