package dev.weft.kubernetes.discovery;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.SourceWriter;
import dev.weft.kubernetes.ConfigMapOpener;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.process.SourceOpener;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Opens all that comes from the API server: {@code configmap:...} and {@code kubernetes:...}. */
public final class ApiServerOpener implements SourceOpener {

  private final Pace pace;
  private final SourceOpener maps;
  private final Consumer<PodSeen> pods;

  /** For a process in which nothing else watches the API server. */
  public ApiServerOpener() {
    this(new Pace(), pod -> {});
  }

  /**
   * @param pace shared by all that watch the API server
   * @param pods hears, on any thread, of every pod that {@code kubernetes:} sees come or change
   */
  public ApiServerOpener(Pace pace, Consumer<PodSeen> pods) {
    this.pace = pace;
    this.maps = new ConfigMapOpener(pace);
    this.pods = pods;
  }

  @Override
  public boolean opens(String source) {
    return maps.opens(source) || ServicesSource.meant(source);
  }

  @Override
  public AutoCloseable open(
      Vertx vertx,
      String source,
      Consumer<Map<String, List<ConfigDocument>>> changed,
      Consumer<String> failed) {
    if (maps.opens(source)) {
      return maps.open(vertx, source, changed, failed);
    }
    ServicesSource.check(source);
    KubernetesApi api;
    try {
      api = KubernetesApi.connect(vertx);
    } catch (KubernetesFailure e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    ServicesSource watched = new ServicesSource(api, pace, source, changed, failed);
    watched.onPod(pods);
    watched
        .start()
        .onFailure(cause -> failed.accept(source + " cannot be watched: " + cause.getMessage()));
    return () -> {
      watched.close();
      api.close();
    };
  }

  @Override
  public Optional<SourceWriter> writer(Vertx vertx, String source) {
    return maps.opens(source) ? maps.writer(vertx, source) : Optional.empty();
  }
}
