package dev.weft.kubernetes;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.SourceWriter;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.process.SourceOpener;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * {@code configmap:...} as a source of configuration: each ConfigMap is a unit, bound to its own
 * namespace unless it stands in Weft's.
 */
public final class ConfigMapOpener implements SourceOpener {

  private final Pace pace;
  private final Map<String, ConfigMapSource> opened = new ConcurrentHashMap<>();

  /**
   * @param pace shared by all that ask the API server
   */
  public ConfigMapOpener(Pace pace) {
    this.pace = pace;
  }

  @Override
  public boolean opens(String source) {
    return source.startsWith("configmap:");
  }

  @Override
  public AutoCloseable open(
      Vertx vertx,
      String source,
      Consumer<Map<String, List<ConfigDocument>>> changed,
      Consumer<String> failed) {
    ConfigMapSelection selection = ConfigMapSelection.parse(source);
    KubernetesApi api;
    try {
      api = KubernetesApi.connect(vertx);
    } catch (KubernetesFailure e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    Units units = new Units(api.ownNamespace(), changed);
    ConfigMapSource watched = new ConfigMapSource(api, pace, selection, units::told, failed);
    opened.put(source, watched);
    watched
        .start()
        .onFailure(cause -> failed.accept(source + " cannot be watched: " + cause.getMessage()));
    return () -> {
      opened.remove(source, watched);
      watched.close();
      api.close();
    };
  }

  @Override
  public Optional<SourceWriter> writer(Vertx vertx, String source) {
    return Optional.of(
        new ConfigMapWriter(
            () -> KubernetesApi.connect(vertx),
            () -> Optional.ofNullable(opened.get(source)).ifPresent(ConfigMapSource::tellAgain)));
  }

  /** Turns "these there are" into "these changed, those are gone". Called by one thread. */
  static final class Units {

    private final Optional<String> own;
    private final Consumer<Map<String, List<ConfigDocument>>> changed;
    private Set<String> known = Set.of();

    Units(Optional<String> own, Consumer<Map<String, List<ConfigDocument>>> changed) {
      this.own = own;
      this.changed = changed;
    }

    void told(List<ConfigMapUnit> all) {
      Map<String, List<ConfigDocument>> now = new HashMap<>();
      known.forEach(gone -> now.put(gone, List.of()));
      for (ConfigMapUnit unit : all) {
        now.put(unit.name(), unit.bound(own));
      }
      known = new HashSet<>(all.stream().map(ConfigMapUnit::name).toList());
      changed.accept(now);
    }
  }
}
