package dev.weft.cli.doctor;

import dev.weft.cli.doctor.Findings.Section;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.cluster.Cluster;
import dev.weft.kubernetes.cluster.PodInfo;
import dev.weft.kubernetes.cluster.Rehearsal;
import dev.weft.kubernetes.cluster.Right;
import dev.weft.kubernetes.cluster.ServerInfo;
import dev.weft.kubernetes.cluster.WebhookInfo;
import dev.weft.routing.clock.Ticker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Asks a cluster, section by section, what is to be known of Weft in it. What cannot be asked for
 * want of a right is said and passed over; where the API server does not answer at all, that is the
 * only finding. Changes nothing. Blocks.
 */
final class Examination {

  private static final String SERVICE = "weft-control";
  private static final String BROKEN =
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: weft-doctor}\n";

  private final Cluster cluster;
  private final Rehearsal rehearsal;
  private final String namespace;
  private final List<ControlAdmin> admins;
  private final Ticker ticker;

  /**
   * @param namespace where the control plane is
   * @param admins of replicas that are asked about proxies
   */
  Examination(
      Cluster cluster,
      Rehearsal rehearsal,
      String namespace,
      List<ControlAdmin> admins,
      Ticker ticker) {
    this.cluster = cluster;
    this.rehearsal = rehearsal;
    this.namespace = namespace;
    this.admins = List.copyOf(admins);
    this.ticker = ticker;
  }

  Findings findings() {
    Instant before = now();
    try {
      ServerInfo info = cluster.info();
      List<Finding> server = ServerChecks.of(cluster.server(), info, before, now());
      List<Section> sections = new ArrayList<>();
      sections.add(new Section("API server", server));
      sections.add(new Section("control plane", told(this::control)));
      if (!admins.isEmpty()) {
        sections.add(new Section("proxies", ControlAdmin.proxies(admins)));
      }
      List<Finding> catalogue = admins.isEmpty() ? List.of() : told(this::catalogue);
      if (!catalogue.isEmpty()) {
        sections.add(new Section("catalogue", catalogue));
      }
      sections.add(new Section("webhooks", told(this::webhooks)));
      sections.add(new Section("namespaces", told(this::namespaces)));
      sections.add(new Section("configuration", told(this::configuration)));
      return new Findings(sections);
    } catch (KubernetesFailure failure) {
      Finding dead =
          Finding.fail(
              String.valueOf(failure.getMessage()),
              "--kubeconfig, or KUBECONFIG, says which API server is asked, and as whom");
      return new Findings(List.of(new Section("API server", List.of(dead))));
    }
  }

  private static List<Finding> told(Supplier<List<Finding>> section) {
    try {
      return section.get();
    } catch (KubernetesFailure failure) {
      return List.of(
          Finding.warn("cannot be told: " + failure.getMessage(), "ask as somebody who may"));
    }
  }

  private Instant now() {
    return Instant.ofEpochMilli(ticker.epochMillis());
  }

  /** Of each replica that has one. */
  private List<Finding> catalogue() {
    Map<String, List<String>> services = cluster.services();
    return admins.stream().flatMap(one -> one.catalogue(services).stream()).distinct().toList();
  }

  private List<Finding> control() {
    Optional<Map<String, String>> selector = cluster.selector(namespace, SERVICE);
    String service = namespace + "/" + SERVICE;
    if (selector.isEmpty() || selector.get().isEmpty()) {
      return List.of(
          Finding.fail(
              selector.isEmpty()
                  ? "there is no service " + service
                  : "service " + service + " selects no pods",
              "install the control plane, or name its namespace with --namespace"));
    }
    List<PodInfo> pods = cluster.pods(namespace, selector.get());
    List<Finding> all = new ArrayList<>(ControlChecks.pods(service, pods));
    pods.stream()
        .filter(pod -> !pod.over())
        .collect(Collectors.groupingBy(PodInfo::account))
        .forEach((account, its) -> all.addAll(told(() -> rights(account, its))));
    return all;
  }

  private List<Finding> rights(String account, List<PodInfo> pods) {
    List<String> args = pods.stream().flatMap(pod -> pod.args().stream()).distinct().toList();
    List<Right> needed =
        ControlChecks.rights(
            args, ControlChecks.discovers(args) ? cluster.istioResources() : Map.of());
    return List.of(
        ControlChecks.missing(
            "account " + namespace + "/" + account,
            needed.size(),
            cluster.missing(namespace, account, needed)));
  }

  private List<Finding> webhooks() {
    List<Finding> all = new ArrayList<>();
    Optional<List<WebhookInfo>> injector = cluster.injector("weft-injector");
    all.addAll(
        WebhookChecks.of("weft-injector", "config/kubernetes/injector.yaml", injector, now()));
    if (injector.isPresent()) {
      all.add(WebhookChecks.injected(rehearsal.pod("default", "weft.dev/inject", "enabled")));
    }
    Optional<List<WebhookInfo>> validator = cluster.validator("weft-validator");
    all.addAll(
        WebhookChecks.of("weft-validator", "config/kubernetes/validator.yaml", validator, now()));
    if (validator.isPresent()) {
      all.add(
          WebhookChecks.refused(rehearsal.configMap("default", "weft.dev/config", "true", BROKEN)));
    }
    return all;
  }

  private List<Finding> namespaces() {
    List<Finding> all = new ArrayList<>();
    cluster
        .namespaces()
        .forEach(
            (name, labels) -> {
              if (NamespaceChecks.meshed(labels)) {
                all.addAll(told(() -> List.of(roots(name))));
                all.addAll(
                    told(() -> List.of(NamespaceChecks.pods(name, cluster.pods(name, Map.of())))));
              }
            });
    return all.isEmpty()
        ? List.of(
            Finding.warn(
                "no namespace has its pods in the mesh",
                "kubectl label namespace NAME weft.dev/inject=enabled"))
        : all;
  }

  private Finding roots(String name) {
    return NamespaceChecks.roots(name, cluster.data(name, "weft-ca-root", "root-cert.pem"));
  }

  private List<Finding> configuration() {
    return ConfigChecks.of(cluster.annotated("weft.dev/config=true", "weft.dev/status"));
  }
}
