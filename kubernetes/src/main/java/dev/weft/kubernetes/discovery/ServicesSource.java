package dev.weft.kubernetes.discovery;

import dev.weft.config.ConfigDocument;
import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.istio.IstioResources;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.kubernetes.watch.Watched;
import dev.weft.kubernetes.watch.Watches;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code kubernetes:} and {@code kubernetes:NAMESPACE}: Services with their endpoints and {@link
 * IstioResources}, watched through the API server. Each Service is a unit with its endpoints, which
 * are a text of their own: what changes often is read anew by itself.
 *
 * <p>Trouble is never taken for emptiness. While the API server cannot be asked what was told
 * stays; where it answers that nothing is listed any more, or tells endpoints without their pods,
 * the endpoints before stay for ten seconds more, and for as long as a watch is broken.
 */
public final class ServicesSource implements AutoCloseable {

  static final Duration HOLD = Duration.ofSeconds(10);

  private static final Duration AGAIN = Duration.ofSeconds(5); // after one that could not be read
  private static final Logger LOG = LoggerFactory.getLogger(ServicesSource.class);
  private static final String SCHEME = "kubernetes:";
  private static final String BY_SERVICE = "service";
  private static final String SERVICE = "service:"; // before the name of a unit, and of its text
  private static final String ENDPOINTS = "endpoints:"; // before the name of its other text
  private static final long PAGE = 500;

  private final String source;
  private final Consumer<Map<String, List<ConfigDocument>>> changed;
  private final Watches watches;
  private final Watched<Service> services;
  private final Watched<EndpointSlice> slices;
  private final Watched<Pod> pods;
  private final IstioResources resources;
  private volatile Consumer<PodSeen> onPod = pod -> {};

  // below: only on the thread of the watches
  private final Set<String> stale = new HashSet<>(); // Services to look at, NAMESPACE/NAME
  private final Map<String, Set<String>> byPod = new HashMap<>(); // Services that asked for it
  private final Map<String, Set<String>> asked = new HashMap<>(); // pods, by Service
  private final Map<String, List<ConfigDocument>> told = new HashMap<>(); // by Service
  private final Map<String, List<ConfigDocument>> news = new HashMap<>(); // to tell, by unit
  private final Map<String, ScheduledFuture<?>> held =
      new HashMap<>(); // Services that are said to be empty
  private final Map<String, ScheduledFuture<?>> again =
      new HashMap<>(); // Services that could not be read
  private final Set<String> over = new HashSet<>(); // that were so for long enough
  private boolean first = true;

  /**
   * @param pace shared by all that ask this API server
   * @param source {@code kubernetes:} or {@code kubernetes:NAMESPACE}
   * @param changed gets all units once, then those that changed; one without texts is gone
   * @param failed gets one sentence of each trouble; the same only once in a row
   * @throws IllegalArgumentException where {@code source} is neither; the message says what would
   *     be
   */
  public ServicesSource(
      KubernetesApi api,
      Pace pace,
      String source,
      Consumer<Map<String, List<ConfigDocument>>> changed,
      Consumer<String> failed) {
    this(api, pace, source, IstioResources.LOOK, changed, failed);
  }

  ServicesSource(
      KubernetesApi api,
      Pace pace,
      String source,
      Duration kinds,
      Consumer<Map<String, List<ConfigDocument>>> changed,
      Consumer<String> failed) {
    Optional<String> namespace = namespace(source);
    this.source = source;
    this.changed = changed;
    api.onWish(pace::leaveAlone);
    this.watches = new Watches(said(source), pace, this::look, failed);
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
            informer -> informer,
            service -> stale.add(key(service)));
    this.slices =
        watched(
            api,
            "endpointslices",
            namespace
                .<FilterWatchListDeletable<EndpointSlice, ?, ?>>map(allSlices::inNamespace)
                .orElseGet(allSlices::inAnyNamespace),
            informer -> informer.addIndexers(Map.of(BY_SERVICE, ServicesSource::ofService)),
            slice -> stale.addAll(ofService(slice)));
    this.pods =
        watched(
            api,
            "pods",
            namespace
                .<FilterWatchListDeletable<Pod, ?, ?>>map(allPods::inNamespace)
                .orElseGet(allPods::inAnyNamespace),
            informer -> informer.itemStore(new FewWordsOfPods()),
            this::seen);
    this.resources = new IstioResources(api, said(source), namespace, kinds, watches);
  }

  /** Has somebody hear, on the thread of the watches, of every pod that came or changed. */
  public void onPod(Consumer<PodSeen> listener) {
    onPod = listener;
  }

  private void seen(Pod pod) {
    stale.addAll(byPod.getOrDefault(key(pod), Set.of()));
    Pod now = pods.known().getByKey(key(pod)); // of a change, this hears what it was too
    if (now != null) {
      onPod.accept(PodSeen.of(now));
    }
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

  /** For people, who put a colon of their own behind it. */
  private static String said(String source) {
    return source.equals(SCHEME) ? "kubernetes" : source;
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

  private <T extends HasMetadata> Watched<T> watched(
      KubernetesApi api,
      String plural,
      FilterWatchListDeletable<T, ?, ?> selected,
      UnaryOperator<SharedIndexInformer<T>> made,
      Consumer<T> seen) {
    return watches.add(
        () -> made.apply(selected.withLimit(PAGE).runnableInformer(0)),
        seen,
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
    resources.start();
    return watches.start();
  }

  /** Whether changes are seen at the moment. */
  public boolean watching() {
    return watches.watching();
  }

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    resources.close();
    watches.close();
  }

  private void look() {
    Set<String> looked = Set.copyOf(stale);
    stale.clear();
    looked.forEach(again::remove);
    looked.forEach(this::lookSafely);
    resources.look(news);
    if (first || !news.isEmpty()) {
      watches.tell(
          () -> {
            changed.accept(Map.copyOf(news));
            first = false;
            news.clear();
          });
    }
  }

  /** What is wrong with one Service is no matter of the others. */
  private void lookSafely(String key) {
    try {
      look(key);
    } catch (RuntimeException broken) {
      LOG.error("{}: {} cannot be read", source, key, broken);
      watches.say(
          source + ": Service " + key + " cannot be read; what was read of it before stays");
      again.put(key, watches.lookAfter(AGAIN, () -> stale.add(key)));
    }
  }

  private void look(String key) {
    Service service = services.known().getByKey(key);
    if (service == null || service.getSpec() == null) {
      if (!told.containsKey(key) || !waits(key, services.known().list().isEmpty())) {
        asks(key, Set.of());
        tell(key, List.of());
      }
      return;
    }
    Listed listed =
        Listed.of(
            service,
            slices.known().byIndex(BY_SERVICE, key),
            pod -> Optional.ofNullable(pods.known().getByKey(pod)));
    asks(key, listed.pods());
    List<ConfigDocument> before = told.getOrDefault(key, List.of());
    List<ConfigDocument> now = new ArrayList<>();
    now.add(document(key, SERVICE + key, ServiceText.of(service)));
    boolean empty = listed.text().isEmpty() && listed.emptied();
    if (before.size() > 1 && waits(key, empty)) {
      now.addAll(before.subList(1, before.size()));
    } else if (!listed.text().isEmpty()) {
      now.add(document(key, ENDPOINTS + key, listed.text()));
    }
    tell(key, now);
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
                  held.remove(key);
                  if (services.watching() && slices.watching() && pods.watching()) {
                    over.add(key);
                  }
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

  private void tell(String key, List<ConfigDocument> now) {
    List<ConfigDocument> before = told.getOrDefault(key, List.of());
    if (!now.equals(before)) {
      told.put(key, now);
      news.put(SERVICE + key, now);
    }
    if (now.isEmpty()) {
      told.remove(key);
    }
  }

  private static ConfigDocument document(String key, String name, String text) {
    Optional<String> within = Optional.of(key.substring(0, key.indexOf('/')));
    return new ConfigDocument(SERVICE + key, name, text, within);
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
