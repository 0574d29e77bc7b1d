package dev.weft.config.model;

import dev.weft.config.problem.Place;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Who a resource is and where it stands.
 *
 * @param kind e.g. {@code VirtualService}
 * @param namespace {@code default} where the document says none
 * @param labels {@code metadata.labels}
 * @param created {@code metadata.creationTimestamp}; {@link Instant#EPOCH} where there is none, so
 *     that resources of a folder keep the order of their names
 * @param place of the document's first line
 */
public record Meta(
    String kind,
    String namespace,
    String name,
    Map<String, String> labels,
    Instant created,
    Place place)
    implements Comparable<Meta> {

  /** Whose resources hold for the whole mesh. */
  public static final Set<String> ROOT_NAMESPACES = Set.of("istio-system", "weft-system");

  public Meta {
    labels = Map.copyOf(labels);
  }

  /** {@code prod/search-service}. */
  public String qualifiedName() {
    return namespace + "/" + name;
  }

  /** Oldest first, then by name: the order in which several resources for one host count. */
  @Override
  public int compareTo(Meta other) {
    int byAge = created.compareTo(other.created);
    if (byAge != 0) {
      return byAge;
    }
    return namespace.equals(other.namespace)
        ? name.compareTo(other.name) // the same, without two texts made for each comparison
        : qualifiedName().compareTo(other.qualifiedName());
  }
}
