package dev.weft.kubernetes.discovery;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.kubernetes.watch.Watched;
import dev.weft.kubernetes.watch.Watches;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Names, types and ports of all Services, watched through the API server. For people who want to
 * know what there is; nothing is routed by it. While the API server cannot be asked, what was told
 * stays.
 */
public final class ServiceNames implements AutoCloseable {

  private static final String SOURCE = "catalogue";
  private static final long PAGE = 500;

  private final Consumer<Map<String, Optional<NamedService>>> changed;
  private final Watches watches;
  private final Watched<Service> services;
  private final Set<String> stale = new HashSet<>(); // on the thread of the watches alone
  private final Map<String, NamedService> told = new HashMap<>(); // likewise
  private boolean first = true; // likewise

  /**
   * @param pace shared by all that ask this API server
   * @param changed gets all by NAMESPACE/NAME once, then those that changed; empty for one that is
   *     gone. On one thread
   * @param failed gets one sentence of each trouble; the same only once in a row
   */
  public ServiceNames(
      KubernetesApi api,
      Pace pace,
      Consumer<Map<String, Optional<NamedService>>> changed,
      Consumer<String> failed) {
    this.changed = changed;
    api.onWish(pace::leaveAlone);
    this.watches = new Watches(SOURCE, pace, this::look, failed);
    var all = api.client().services().inAnyNamespace();
    this.services =
        watches.add(
            () -> all.withLimit(PAGE).runnableInformer(0).itemStore(new FewWords()),
            service -> stale.add(Cache.metaNamespaceKeyFunc(service)),
            failure ->
                ApiFailures.sentence(
                    SOURCE + " (services)",
                    "get, list and watch on services",
                    api.server(),
                    failure));
  }

  /**
   * Begins to watch. While the API server cannot be asked it is tried again, with growing pauses.
   *
   * @return done after the first call of {@code changed}; fails when this is closed before
   */
  public Future<Void> start() {
    return watches.start();
  }

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    watches.close();
  }

  private void look() {
    Map<String, Optional<NamedService>> news = new HashMap<>();
    for (String key : stale) {
      Optional<NamedService> now =
          Optional.ofNullable(services.known().getByKey(key)).map(ServiceNames::named);
      if (!now.equals(Optional.ofNullable(told.get(key)))) {
        news.put(key, now);
        now.ifPresentOrElse(named -> told.put(key, named), () -> told.remove(key));
      }
    }
    stale.clear();
    if (first || !news.isEmpty()) {
      first = false;
      watches.tell(() -> changed.accept(Map.copyOf(news)));
    }
  }

  private static NamedService named(Service service) {
    String type = service.getSpec().getType();
    return new NamedService(
        service.getMetadata().getNamespace(),
        service.getMetadata().getName(),
        type == null ? "ClusterIP" : type,
        service.getSpec().getPorts().stream()
            .map(
                port ->
                    new NamedService.Port(
                        text(port.getName(), ""), port.getPort(), text(port.getProtocol(), "TCP")))
            .toList());
  }

  private static String text(@Nullable String value, String otherwise) {
    return value == null ? otherwise : value;
  }

  /** Keeps of each Service what is told of it. */
  private static final class FewWords extends BasicItemStore<Service> {

    FewWords() {
      super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public Service put(String key, Service service) {
      @Nullable String type = service.getSpec() == null ? null : service.getSpec().getType();
      List<ServicePort> ports =
          service.getSpec() == null || service.getSpec().getPorts() == null
              ? List.of()
              : service.getSpec().getPorts();
      return super.put(
          key,
          new ServiceBuilder()
              .withMetadata(
                  new ObjectMetaBuilder()
                      .withName(service.getMetadata().getName())
                      .withNamespace(service.getMetadata().getNamespace())
                      .withUid(service.getMetadata().getUid())
                      .withResourceVersion(service.getMetadata().getResourceVersion())
                      .build())
              .withNewSpec()
              .withType(type)
              .withPorts(ports)
              .endSpec()
              .build());
    }
  }
}
