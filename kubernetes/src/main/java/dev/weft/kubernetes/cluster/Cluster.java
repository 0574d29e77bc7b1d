package dev.weft.kubernetes.cluster;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.istio.IstioKind;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What there is in a cluster, asked anew with each call. All fail with a {@link KubernetesFailure}
 * whose sentence tells why. Not for event loops.
 */
public final class Cluster {

  private static final int PATIENCE_SECONDS = 10;

  private final KubernetesApi api;

  public Cluster(KubernetesApi api) {
    this.api = api;
  }

  /** Where the API server is. */
  public String server() {
    return api.server();
  }

  /** What the API server tells of itself. */
  public ServerInfo info() {
    HttpClient client = api.client().getHttpClient();
    String at = api.server() + (api.server().endsWith("/") ? "version" : "/version");
    try {
      HttpResponse<String> answer =
          client
              .sendAsync(client.newHttpRequestBuilder().uri(at).build(), String.class)
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!answer.isSuccessful()) {
        throw new KubernetesFailure("version: the API server answered " + answer.code());
      }
      String version = new JsonObject(answer.body()).getString("gitVersion", "");
      return new ServerInfo(version, date(answer.header("date")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubernetesFailure("version: interrupted");
    } catch (KubernetesFailure told) {
      throw told;
    } catch (Exception failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence("version", "get on /version", api.server(), failure));
    }
  }

  private static Optional<Instant> date(@Nullable String header) {
    try {
      return Optional.ofNullable(header)
          .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Labels of each namespace, by its name. */
  public Map<String, Map<String, String>> namespaces() {
    return asked(
        "namespaces",
        "list on namespaces",
        () -> {
          Map<String, Map<String, String>> all = new TreeMap<>();
          for (Namespace one : api.client().namespaces().list().getItems()) {
            all.put(one.getMetadata().getName(), labels(one.getMetadata()));
          }
          return all;
        });
  }

  /** Labels of the pods that a Service is for; empty where there is no such Service. */
  public Optional<Map<String, String>> selector(String namespace, String service) {
    return asked(
        "service " + namespace + "/" + service,
        "get on services",
        () -> {
          @Nullable Service found =
              api.client().services().inNamespace(namespace).withName(service).get();
          return Optional.ofNullable(found)
              .map(one -> Optional.ofNullable(one.getSpec().getSelector()).orElse(Map.of()));
        });
  }

  /** Services that have ports, by NAMESPACE/NAME, each with them as {@code NAME:PORT/PROTOCOL}. */
  public Map<String, List<String>> services() {
    return asked(
        "services",
        "list on services",
        () -> {
          Map<String, List<String>> all = new TreeMap<>();
          for (Service one : api.client().services().inAnyNamespace().list().getItems()) {
            List<String> ports = one.getSpec().getPorts().stream().map(Cluster::port).toList();
            if (!ports.isEmpty()) {
              all.put(one.getMetadata().getNamespace() + "/" + one.getMetadata().getName(), ports);
            }
          }
          return all;
        });
  }

  private static String port(ServicePort port) {
    String name = Optional.ofNullable(port.getName()).orElse("");
    String protocol = Optional.ofNullable(port.getProtocol()).orElse("TCP");
    return name + ":" + port.getPort() + "/" + protocol;
  }

  /**
   * Pods of a namespace that have these labels.
   *
   * @param labels none for all pods
   */
  public List<PodInfo> pods(String namespace, Map<String, String> labels) {
    return asked(
        "pods of " + namespace,
        "list on pods",
        () ->
            api.client().pods().inNamespace(namespace).withLabels(labels).list().getItems().stream()
                .map(Cluster::pod)
                .toList());
  }

  /** The webhooks of a MutatingWebhookConfiguration; empty where there is none of the name. */
  public Optional<List<WebhookInfo>> injector(String name) {
    return asked(
        name,
        "get on mutatingwebhookconfigurations",
        () -> {
          @Nullable MutatingWebhookConfiguration found =
              api.client()
                  .admissionRegistration()
                  .v1()
                  .mutatingWebhookConfigurations()
                  .withName(name)
                  .get();
          return Optional.ofNullable(found)
              .map(
                  all ->
                      all.getWebhooks().stream()
                          .map(one -> webhook(one.getName(), one.getClientConfig()))
                          .toList());
        });
  }

  /** The webhooks of a ValidatingWebhookConfiguration; empty where there is none of the name. */
  public Optional<List<WebhookInfo>> validator(String name) {
    return asked(
        name,
        "get on validatingwebhookconfigurations",
        () -> {
          @Nullable ValidatingWebhookConfiguration found =
              api.client()
                  .admissionRegistration()
                  .v1()
                  .validatingWebhookConfigurations()
                  .withName(name)
                  .get();
          return Optional.ofNullable(found)
              .map(
                  all ->
                      all.getWebhooks().stream()
                          .map(one -> webhook(one.getName(), one.getClientConfig()))
                          .toList());
        });
  }

  /** A key of a ConfigMap; empty where there is none. */
  public Optional<String> data(String namespace, String configMap, String key) {
    return asked(
        "configmap:" + namespace + "/" + configMap,
        "get on configmaps",
        () -> {
          @Nullable ConfigMap found =
              api.client().configMaps().inNamespace(namespace).withName(configMap).get();
          return Optional.ofNullable(found).map(ConfigMap::getData).map(data -> data.get(key));
        });
  }

  /**
   * An annotation of each ConfigMap that has a label, by {@code namespace/name}; empty where one
   * has none.
   */
  public Map<String, Optional<String>> annotated(String selector, String annotation) {
    return asked(
        "ConfigMaps with " + selector,
        "list on configmaps",
        () -> {
          Map<String, Optional<String>> all = new TreeMap<>();
          for (ConfigMap one :
              api.client()
                  .configMaps()
                  .inAnyNamespace()
                  .withLabelSelector(selector)
                  .list()
                  .getItems()) {
            ObjectMeta meta = one.getMetadata();
            all.put(
                meta.getNamespace() + "/" + meta.getName(),
                Optional.ofNullable(meta.getAnnotations()).map(notes -> notes.get(annotation)));
          }
          return all;
        });
  }

  /** Istio's resources that weft reads and whose definitions are installed: group by plural. */
  public Map<String, String> istioResources() {
    return asked(
        "kinds of resources",
        "get on /apis",
        () -> {
          Map<String, String> all = new TreeMap<>();
          IstioKind.installed(api).forEach(kind -> all.put(kind.plural(), kind.group()));
          return all;
        });
  }

  /** Which of these rights a ServiceAccount has not. */
  public List<Right> missing(String namespace, String account, List<Right> rights) {
    return asked(
        "rights of " + namespace + "/" + account,
        "create on subjectaccessreviews",
        () -> rights.stream().filter(right -> !may(namespace, account, right)).toList());
  }

  private boolean may(String namespace, String account, Right right) {
    SubjectAccessReview asked =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser("system:serviceaccount:" + namespace + ":" + account)
            .withGroups(
                "system:serviceaccounts",
                "system:serviceaccounts:" + namespace,
                "system:authenticated")
            .withNewResourceAttributes()
            .withVerb(right.verb())
            .withGroup(right.group())
            .withResource(right.resource())
            .withNamespace(right.namespace())
            .withName(right.name())
            .endResourceAttributes()
            .endSpec()
            .build();
    SubjectAccessReview answer =
        api.client().authorization().v1().subjectAccessReview().create(asked);
    return Boolean.TRUE.equals(answer.getStatus().getAllowed());
  }

  private static WebhookInfo webhook(String name, WebhookClientConfig config) {
    String bundle = Optional.ofNullable(config.getCaBundle()).orElse("");
    return new WebhookInfo(
        name, new String(Base64.getMimeDecoder().decode(bundle), StandardCharsets.US_ASCII));
  }

  private static PodInfo pod(Pod pod) {
    String phase = pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
    boolean ready =
        pod.getStatus() != null
            && pod.getStatus().getConditions().stream()
                .anyMatch(one -> "Ready".equals(one.getType()) && "True".equals(one.getStatus()));
    List<String> args = new ArrayList<>();
    for (Container one : pod.getSpec().getContainers()) {
      Stream.concat(one.getCommand().stream(), one.getArgs().stream()).forEach(args::add);
    }
    boolean over =
        pod.getMetadata().getDeletionTimestamp() != null
            || phase.equals("Succeeded")
            || phase.equals("Failed")
            || Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    return new PodInfo(
        pod.getMetadata().getName(),
        Optional.ofNullable(pod.getSpec().getServiceAccountName()).orElse("default"),
        labels(pod.getMetadata()),
        args,
        ready,
        over);
  }

  private static Map<String, String> labels(ObjectMeta meta) {
    return meta.getLabels() == null ? Map.of() : meta.getLabels();
  }

  private <T> T asked(String what, String grant, Supplier<T> question) {
    try {
      return question.get();
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(ApiFailures.sentence(what, grant, api.server(), failure));
    }
  }
}
