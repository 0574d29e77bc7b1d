package dev.weft.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx5.Vertx5HttpClientFactory;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The connection to one API server, over the Vert.x of the process. Several sources share it.
 *
 * <p>Any thread may enter.
 */
public final class KubernetesApi implements AutoCloseable {

  private static final Duration WHOLE_CALL = Duration.ofSeconds(20); // 15 s of them to its head

  private final CallDeadline deadline = new CallDeadline(WHOLE_CALL);
  private final KubernetesClient client;
  private final String server;
  private final Optional<String> ownNamespace;
  private final RetryAfter wishes;

  private KubernetesApi(
      KubernetesClient client, String server, Optional<String> ownNamespace, RetryAfter wishes) {
    this.wishes = wishes;
    this.client = client;
    this.server = server;
    this.ownNamespace = ownNamespace;
  }

  /**
   * Finds the API server ({@code KUBECONFIG}, the pod's ServiceAccount, {@code ~/.kube/config});
   * nothing is sent yet. Reads files, so not for event loops.
   *
   * @throws KubernetesFailure when there is none, or none that may be trusted
   */
  public static KubernetesApi connect(Vertx vertx) {
    return connect(vertx, ApiAccess.Places.ofThisProcess());
  }

  /**
   * As {@link #connect(Vertx)}, by this kubeconfig.
   *
   * @throws KubernetesFailure when it cannot be read, or must not be trusted
   */
  public static KubernetesApi connect(Vertx vertx, Path kubeconfig) {
    ApiAccess.Places usual = ApiAccess.Places.ofThisProcess();
    Map<String, String> environment = Map.of("KUBECONFIG", kubeconfig.toString());
    return connect(vertx, new ApiAccess.Places(environment, usual.home(), usual.serviceAccount()));
  }

  static KubernetesApi connect(Vertx vertx, ApiAccess.Places places) {
    ApiAccess.Found found = ApiAccess.find(places);
    RetryAfter wishes = new RetryAfter();
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(found.config())
            .withHttpClientFactory(new Vertx5HttpClientFactory(vertx))
            .withHttpClientBuilderConsumer(
                made -> made.addOrReplaceInterceptor("weft-retry-after", wishes))
            .build();
    return new KubernetesApi(client, found.config().getMasterUrl(), found.ownNamespace(), wishes);
  }

  /** Where the API server is, for people. */
  public String server() {
    return server;
  }

  /** The namespace that this process runs in; empty where it is not a pod. */
  public Optional<String> ownNamespace() {
    return ownNamespace;
  }

  /**
   * Tells how long the API server asks to be left alone ({@code Retry-After} of 429 and 503).
   *
   * @param listener on any thread, before whoever called gets the answer; must not block
   */
  public void onWish(Consumer<Duration> listener) {
    wishes.tell(listener);
  }

  /** For this module alone: what else asks the API server does so through its types. */
  public KubernetesClient client() {
    return client;
  }

  /**
   * Asks one thing of it, twenty seconds at most, whatever the API server leaves open. Not for
   * event loops.
   *
   * @param asked blocks until the answer is whole
   */
  public <T> T call(Supplier<T> asked) {
    return deadline.call(asked);
  }

  /** Ends all that is under way over it. Not for event loops. */
  @Override
  public void close() {
    client.close();
    deadline.close();
  }
}
