package dev.weft.kubernetes;

import dev.weft.kubernetes.watch.Pace;
import dev.weft.kubernetes.watch.Watched;
import dev.weft.kubernetes.watch.Watches;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.vertx.core.Future;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * {@code configmap:...}: configuration from ConfigMaps, watched through the API server without
 * polling. All selected ConfigMaps are told together after each change: 10 ms after the last one,
 * at the latest 100 ms after the first.
 *
 * <p>A ConfigMap vanishes from what is told only when the API server said that it is gone. While it
 * cannot be asked, what was told before stays: trouble is never taken for emptiness.
 *
 * <p>Listeners are called on one thread of this source, never at once and never after {@link
 * #close}.
 */
public final class ConfigMapSource implements AutoCloseable {

  private final KubernetesApi api;
  private final ConfigMapSelection selection;
  private final Consumer<List<ConfigMapUnit>> changed;
  private final Watches watches;
  private final Watched<ConfigMap> watched;

  // below: only on the thread of the watches
  private Optional<List<ConfigMapUnit>> told = Optional.empty();
  private Set<String> binary = Set.of(); // said of binaryData

  /**
   * @param pace shared by all that ask this API server
   * @param changed gets all selected ConfigMaps, by name: once in the beginning, then after each
   *     change of their contents
   * @param failed gets one sentence when the API server cannot be asked, when changes are not seen
   *     for about ten seconds, when the one ConfigMap is not there, or when one has {@code
   *     binaryData}, which is not read; the same sentence only once in a row
   */
  public ConfigMapSource(
      KubernetesApi api,
      Pace pace,
      ConfigMapSelection selection,
      Consumer<List<ConfigMapUnit>> changed,
      Consumer<String> failed) {
    this.api = api;
    this.selection = selection;
    this.changed = changed;
    api.onWish(pace::leaveAlone);
    this.watches = new Watches(selection.toString(), pace, this::look, failed);
    this.watched =
        watches.add(
            () -> selected().runnableInformer(0),
            seen -> {}, // all are looked at
            failure -> ApiFailures.sentence(selection.toString(), api.server(), failure));
  }

  /**
   * Begins to watch. While the API server cannot be asked it is tried again, with growing pauses.
   *
   * @return done after the first call of {@code changed}; fails when the source is closed before
   */
  public Future<Void> start() {
    return watches.start();
  }

  /** Whether changes are seen at the moment. */
  public boolean watching() {
    return watches.watching();
  }

  /**
   * Has the next change tell what there is then, though it may be what was told before: who listens
   * serves something else since. Any thread.
   */
  public void tellAgain() {
    watches.onThread(() -> told = Optional.empty());
  }

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    watches.close();
  }

  private FilterWatchListDeletable<ConfigMap, ConfigMapList, Resource<ConfigMap>> selected() {
    var all = api.client().configMaps();
    String selector = selection.selector().orElse("");
    if (selection.namespace().isEmpty()) {
      return all.inAnyNamespace().withLabelSelector(selector);
    }
    var namespaced = all.inNamespace(selection.namespace().get());
    return selection.name().isPresent()
        ? namespaced.withField("metadata.name", selection.name().get())
        : namespaced.withLabelSelector(selector);
  }

  private void look() {
    List<ConfigMap> maps = watched.known().list();
    List<ConfigMapUnit> now =
        maps.stream()
            .map(ConfigMapSource::unit)
            .sorted(Comparator.comparing(ConfigMapUnit::name))
            .toList();
    if (now.isEmpty() && selection.name().isPresent()) {
      watches.say(selection + ": there is no such ConfigMap");
    }
    unread(maps);
    if (!told.equals(Optional.of(now))) {
      told = Optional.of(now);
      watches.tell(() -> changed.accept(now));
    }
  }

  /** Bytes are nobody's rules: said once, and again once they were away. */
  private void unread(List<ConfigMap> maps) {
    Set<String> found =
        maps.stream()
            .filter(map -> map.getBinaryData() != null && !map.getBinaryData().isEmpty())
            .map(ConfigMapSource::unread)
            .collect(Collectors.toCollection(TreeSet::new));
    found.stream().filter(sentence -> !binary.contains(sentence)).forEach(watches::say);
    binary = found;
  }

  private static String unread(ConfigMap map) {
    return ConfigMapUnit.unread(
        map.getMetadata().getNamespace(),
        map.getMetadata().getName(),
        map.getBinaryData().keySet());
  }

  private static ConfigMapUnit unit(ConfigMap map) {
    Map<String, String> data = map.getData();
    return ConfigMapUnit.of(
        map.getMetadata().getNamespace(),
        map.getMetadata().getName(),
        data == null ? Map.of() : data);
  }
}
