package dev.weft.config.model.settings;

import dev.weft.config.model.Meta;
import java.util.Map;

/**
 * A resource of the kind {@code ProxySettings}, as it was written.
 *
 * <p>Named {@code default} it has no selector and holds for the whole mesh in a root namespace and
 * in the namespace {@code default}, elsewhere for its namespace. With another name it holds for the
 * workloads of its namespace that have the labels of {@code selector}; in a root namespace for
 * those of the whole mesh.
 *
 * <p>Source: {@code DESIGN} section 4, weft.dev/v1.
 *
 * @param selector labels; empty only where the name is {@link #DEFAULT}
 */
public record ProxySettings(Meta meta, Map<String, String> selector, Blocks blocks) {

  /** The name of those that hold for all workloads. */
  public static final String DEFAULT = "default";

  public ProxySettings {
    selector = Map.copyOf(selector);
  }

  /** How far it reaches, the widest first: what is nearer to a workload counts before. */
  public enum Reach {
    /** Of a document that says no namespace. */
    MESH_BY_DEFAULT,
    /** Of a root namespace. */
    MESH,
    NAMESPACE,
    WORKLOADS
  }

  public Reach reach() {
    if (!selector.isEmpty()) {
      return Reach.WORKLOADS;
    }
    if (Meta.ROOT_NAMESPACES.contains(meta.namespace())) {
      return Reach.MESH;
    }
    return meta.namespace().equals("default") ? Reach.MESH_BY_DEFAULT : Reach.NAMESPACE;
  }

  /** Whether it holds for a workload. */
  public boolean holdsFor(String namespace, Map<String, String> labels) {
    boolean near =
        meta.namespace().equals(namespace) || Meta.ROOT_NAMESPACES.contains(meta.namespace());
    Reach reach = reach();
    boolean mesh = reach == Reach.MESH || reach == Reach.MESH_BY_DEFAULT;
    return mesh || (near && labels.entrySet().containsAll(selector.entrySet()));
  }
}
