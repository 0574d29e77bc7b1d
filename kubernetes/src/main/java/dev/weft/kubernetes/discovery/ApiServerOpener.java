package dev.weft.kubernetes.discovery;

import dev.weft.config.ConfigDocument;
import dev.weft.kubernetes.ConfigMapOpener;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.process.SourceOpener;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Opens all that comes from the API server: {@code configmap:...} and {@code kubernetes:...}. */
public final class ApiServerOpener implements SourceOpener {

  private final Pace pace = new Pace();
  private final SourceOpener maps = new ConfigMapOpener(pace);
  private final Consumer<PodSeen> pods;

  public ApiServerOpener() {
    this(pod -> {});
  }

  /**
   * @param pods hears, on any thread, of every pod that {@code kubernetes:} sees come or change
   */
  public ApiServerOpener(Consumer<PodSeen> pods) {
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
}
