package dev.weft.kubernetes.discovery;

import dev.weft.config.ConfigDocument;
import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.Watches;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;

/**
 * {@code kubernetes:} and {@code kubernetes:NAMESPACE}: Services with their endpoints, watched
 * through the API server. Each Service is a unit, and so are its endpoints: what changes often is
 * read anew by itself.
 *
 * <p>Trouble is never taken for emptiness. While the API server cannot be asked what was told
 * stays; where it answers that nothing is listed any more, or tells endpoints without their pods,
 * the endpoints before stay for ten seconds more.
 */
public final class ServicesSource implements AutoCloseable {

  static final Duration HOLD = Duration.ofSeconds(10);

  private static final String SCHEME = "kubernetes:";
  private static final String BY_SERVICE = "service";
  private static final long PAGE = 500;

  private final String source;
  private final Consumer<Map<String, List<ConfigDocument>>> changed;
  private final Watches watches;
  private final SharedIndexInformer<Service> services;
  private final SharedIndexInformer<EndpointSlice> slices;
  private final SharedIndexInformer<Pod> pods;

  // below: only on the thread of the watches
  private final Set<String> stale = new HashSet<>(); // Services to look at, NAMESPACE/NAME
  private final Map<String, Set<String>> byPod = new HashMap<>(); // Services that asked for it
  private final Map<String, Set<String>> asked = new HashMap<>(); // pods, by Service
  private final Map<String, ConfigDocument> told = new HashMap<>(); // by unit
  private final Map<String, ScheduledFuture<?>> held =
      new HashMap<>(); // Services that are said to be empty
  private final Set<String> over = new HashSet<>(); // that were so for long enough
  private boolean first = true;

  /**
   * @param source {@code kubernetes:} or {@code kubernetes:NAMESPACE}
   * @param changed gets all units once, then those that changed; one without texts is gone
   * @param failed gets one sentence of each trouble; the same only once in a row
   * @throws IllegalArgumentException where {@code source} is neither; the message says what would
   *     be
   */
  public ServicesSource(
      KubernetesApi api,
      String source,
      Consumer<Map<String, List<ConfigDocument>>> changed,
      Consumer<String> failed) {
    Optional<String> namespace = namespace(source);
    this.source = source;
    this.changed = changed;
    this.watches = new Watches(source, this::look, failed);
    var client = api.client();
    var allServices = client.services();
    var allSlices = client.discovery().v1().endpointSlices();
    var allPods = client.pods();
    this.services =
        watched(
            api,
            "services",
            namespace
                .<FilterWatchListDeletable<Service, ?, ?>>map(allServices::inNamespace)
                .orElseGet(allServices::inAnyNamespace),
            service -> stale.add(key(service)));
    this.slices =
        watched(
            api,
            "endpointslices",
            namespace
                .<FilterWatchListDeletable<EndpointSlice, ?, ?>>map(allSlices::inNamespace)
                .orElseGet(allSlices::inAnyNamespace),
            slice -> stale.addAll(ofService(slice)));
    this.pods =
        watched(
            api,
            "pods",
            namespace
                .<FilterWatchListDeletable<Pod, ?, ?>>map(allPods::inNamespace)
                .orElseGet(allPods::inAnyNamespace),
            pod -> stale.addAll(byPod.getOrDefault(key(pod), Set.of())));
    slices.addIndexers(Map.of(BY_SERVICE, ServicesSource::ofService));
    pods.itemStore(new FewWordsOfPods());
  }

  /** Whether it is one of this kind. */
  static boolean meant(String source) {
    return source.startsWith(SCHEME);
  }

  /**
   * Refuses what names no namespace.
   *
   * @throws IllegalArgumentException with one sentence
   */
  static void check(String source) {
    namespace(source);
  }

  /** Empty for all namespaces. */
  private static Optional<String> namespace(String source) {
    String rest = source.substring(SCHEME.length());
    if (!rest.matches("([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?")) {
      throw new IllegalArgumentException(
          "config: " + source + " (expected: kubernetes: or kubernetes:NAMESPACE)");
    }
    return Optional.of(rest).filter(name -> !name.isEmpty());
  }

  private <T extends HasMetadata> SharedIndexInformer<T> watched(
      KubernetesApi api,
      String plural,
      FilterWatchListDeletable<T, ?, ?> selected,
      Consumer<T> seen) {
    ListOptions one = new ListOptionsBuilder().withLimit(1L).build();
    return watches.add(
        selected.withLimit(PAGE).runnableInformer(0),
        seen,
        () -> selected.list(one),
        failure ->
            ApiFailures.sentence(
                source + " (" + plural + ")",
                "get, list and watch on services, endpointslices and pods",
                api.server(),
                failure));
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

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    watches.close();
  }

  private void look() {
    Map<String, List<ConfigDocument>> news = new HashMap<>();
    Set<String> looked = Set.copyOf(stale);
    stale.clear();
    looked.forEach(service -> look(service, news));
    if (first || !news.isEmpty()) {
      first = false;
      watches.tell(() -> changed.accept(news));
    }
  }

  private void look(String key, Map<String, List<ConfigDocument>> news) {
    Service service = services.getStore().getByKey(key);
    String unit = "endpoints:" + key;
    if (service == null || service.getSpec() == null) {
      if (told.containsKey("service:" + key) && waits(key, services.getStore().list().isEmpty())) {
        return;
      }
      asks(key, Set.of());
      tell("service:" + key, key, "", news);
      tell(unit, key, "", news);
      return;
    }
    tell("service:" + key, key, ServiceText.of(service), news);
    Listed listed =
        Listed.of(
            service,
            slices.getIndexer().byIndex(BY_SERVICE, key),
            pod -> Optional.ofNullable(pods.getStore().getByKey(pod)));
    asks(key, listed.pods());
    boolean empty = listed.text().isEmpty() && listed.emptied();
    if (!told.containsKey(unit) || !waits(key, empty)) {
      tell(unit, key, listed.text(), news);
    }
  }

  /**
   * Whether what was told of a Service stays for now, since it may not be true that it is empty.
   */
  private boolean waits(String key, boolean empty) {
    if (!empty || over.remove(key)) {
      over.remove(key);
      Optional.ofNullable(held.remove(key)).ifPresent(later -> later.cancel(false));
      return false;
    }
    held.computeIfAbsent(
        key,
        any ->
            watches.lookAfter(
                HOLD,
                () -> {
                  over.add(key);
                  stale.add(key);
                }));
    return true;
  }

  private void asks(String service, Set<String> now) {
    asked
        .getOrDefault(service, Set.of())
        .forEach(
            pod ->
                byPod.computeIfPresent(
                    pod,
                    (any, all) -> {
                      all.remove(service);
                      return all.isEmpty() ? null : all;
                    }));
    now.forEach(pod -> byPod.computeIfAbsent(pod, any -> new HashSet<>()).add(service));
    if (now.isEmpty()) {
      asked.remove(service);
    } else {
      asked.put(service, now);
    }
  }

  private void tell(String unit, String key, String text, Map<String, List<ConfigDocument>> news) {
    if (text.isEmpty()) {
      if (told.remove(unit) != null) {
        news.put(unit, List.of());
      }
      return;
    }
    Optional<String> within = Optional.of(key.substring(0, key.indexOf('/')));
    ConfigDocument document = new ConfigDocument(unit, unit, text, within);
    if (!document.equals(told.put(unit, document))) {
      news.put(unit, List.of(document));
    }
  }

  private static String key(HasMetadata object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  private static List<String> ofService(EndpointSlice slice) {
    ObjectMeta meta = slice.getMetadata();
    Map<String, String> labels = meta.getLabels() == null ? Map.of() : meta.getLabels();
    String service = labels.get(ServiceText.SERVICE_NAME);
    return service == null ? List.of() : List.of(meta.getNamespace() + "/" + service);
  }
}
