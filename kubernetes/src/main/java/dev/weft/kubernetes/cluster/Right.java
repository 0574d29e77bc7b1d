package dev.weft.kubernetes.cluster;

/**
 * What somebody may do, or may not.
 *
 * @param namespace empty for all, or where there is none
 * @param name empty for any
 */
public record Right(String verb, String group, String resource, String namespace, String name) {

  /** E.g. {@code patch configmaps in prod}. */
  @Override
  public String toString() {
    return verb
        + " "
        + resource
        + (name.isEmpty() ? "" : " " + name)
        + (namespace.isEmpty() ? "" : " in " + namespace);
  }
}
