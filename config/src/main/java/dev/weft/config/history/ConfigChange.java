package dev.weft.config.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What became of one resource from one configuration to another.
 *
 * @param resource such as {@code VirtualService prod/search}
 * @param fields that differ, where it is in both
 */
public record ConfigChange(String resource, Kind kind, List<Field> fields) {

  /** How it changed. */
  public enum Kind {
    ADDED,
    REMOVED,
    CHANGED
  }

  /**
   * A field, without what is secret.
   *
   * @param path such as {@code spec.http[0].route[1].weight}
   * @param before empty where it was not there
   * @param after empty where it is not there any more
   */
  public record Field(String path, Optional<String> before, Optional<String> after) {

    @Override
    public String toString() {
      return path + " " + before.orElse("(none)") + " → " + after.orElse("(none)");
    }
  }

  public ConfigChange {
    fields = List.copyOf(fields);
  }

  /** In the order of the resources' names. */
  public static List<ConfigChange> between(
      Map<String, ResourceFields> before, Map<String, ResourceFields> after) {
    List<ConfigChange> all = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      Optional<ResourceFields> old = Optional.ofNullable(before.get(name));
      Optional<ResourceFields> young = Optional.ofNullable(after.get(name));
      if (old.isEmpty() || young.isEmpty()) {
        all.add(new ConfigChange(name, old.isEmpty() ? Kind.ADDED : Kind.REMOVED, List.of()));
      } else if (!old.equals(young)) {
        all.add(new ConfigChange(name, Kind.CHANGED, fields(old.get(), young.get())));
      }
    }
    return all;
  }

  private static List<Field> fields(ResourceFields before, ResourceFields after) {
    List<Field> all = new ArrayList<>();
    after
        .fields()
        .forEach(
            (path, text) -> {
              Optional<String> old = Optional.ofNullable(before.fields().get(path));
              if (old.isEmpty() || !old.get().equals(text)) {
                all.add(
                    new Field(
                        path,
                        old.map(one -> before.told(path, one)),
                        Optional.of(after.told(path, text))));
              }
            });
    before.fields().keySet().stream()
        .filter(path -> !after.fields().containsKey(path))
        .forEach(
            path ->
                all.add(
                    new Field(
                        path,
                        Optional.of(before.told(path, before.fields().getOrDefault(path, ""))),
                        Optional.empty())));
    return all;
  }

  /** In one line: the first field, and how many more there are. */
  public String summary() {
    if (kind != Kind.CHANGED) {
      return resource + " " + (kind == Kind.ADDED ? "added" : "removed");
    }
    if (fields.isEmpty()) {
      return resource + ": fields in another order";
    }
    int more = fields.size() - 1;
    return resource + ": " + fields.get(0) + (more > 0 ? " and " + more + " more" : "");
  }
}
