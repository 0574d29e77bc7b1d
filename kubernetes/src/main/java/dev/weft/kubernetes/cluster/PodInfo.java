package dev.weft.kubernetes.cluster;

import java.util.List;
import java.util.Map;

/**
 * A pod.
 *
 * @param account its ServiceAccount
 * @param args of all its containers
 * @param ready whether it takes requests
 * @param over whether it has ended, or is about to
 */
public record PodInfo(
    String name,
    String account,
    Map<String, String> labels,
    List<String> args,
    boolean ready,
    boolean over) {

  public PodInfo {
    labels = Map.copyOf(labels);
    args = List.copyOf(args);
  }
}
