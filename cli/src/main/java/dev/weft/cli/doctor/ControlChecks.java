package dev.weft.cli.doctor;

import dev.weft.kubernetes.cluster.PodInfo;
import dev.weft.kubernetes.cluster.Right;
import dev.weft.kubernetes.trust.TrustBundle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The control plane's pods, and what its account must be allowed for the flags that it has. */
final class ControlChecks {

  private static final String FLAG = "--config=";
  private static final String CONFIG = "configmap:";
  private static final String KUBERNETES = "kubernetes:";

  private ControlChecks() {}

  /** Of the pods behind the Service. */
  static List<Finding> pods(String service, List<PodInfo> pods) {
    List<PodInfo> there = pods.stream().filter(pod -> !pod.over()).toList();
    List<String> waiting =
        there.stream().filter(pod -> !pod.ready()).map(PodInfo::name).sorted().toList();
    if (there.isEmpty()) {
      return List.of(
          Finding.fail("no pod is behind service " + service, "install the control plane"));
    }
    if (waiting.size() == there.size()) {
      return List.of(
          Finding.fail(
              "no pod behind service " + service + " is ready: " + String.join(", ", waiting),
              "kubectl describe pod, and kubectl logs, tell why"));
    }
    if (!waiting.isEmpty()) {
      return List.of(
          Finding.warn(
              "not ready: " + String.join(", ", waiting),
              "the others serve; kubectl describe pod tells why"));
    }
    return List.of(
        Finding.ok(there.size() + (there.size() == 1 ? " pod" : " pods") + " behind " + service));
  }

  /** Whether a control plane with these arguments reads what is not in ConfigMaps. */
  static boolean discovers(List<String> args) {
    return args.stream().anyMatch(arg -> value(arg).startsWith(KUBERNETES));
  }

  private static String value(String arg) {
    return arg.startsWith(FLAG) ? arg.substring(FLAG.length()) : arg;
  }

  /**
   * What is to be allowed to a control plane with these arguments.
   *
   * @param args as of its container, {@code --flag value} and {@code --flag=value} alike
   * @param istio Istio's resources that there are: group by plural
   */
  static List<Right> rights(List<String> args, Map<String, String> istio) {
    Set<Right> all = new LinkedHashSet<>();
    for (String arg : args) {
      String value = value(arg);
      if (value.startsWith(KUBERNETES)) {
        discovery(value.substring(KUBERNETES.length()), istio, all);
      }
      if (value.startsWith(CONFIG)) {
        source(value.substring(CONFIG.length()), all);
      }
      if (arg.equals("--webhook") || arg.startsWith("--webhook=")) {
        webhook("mutatingwebhookconfigurations", "weft-injector", all);
        webhook("validatingwebhookconfigurations", "weft-validator", all);
      }
      if (arg.equals("--catalogue")) {
        for (String verb : List.of("get", "list", "watch")) {
          all.add(new Right(verb, "", "services", "", ""));
        }
      }
      if (arg.equals("--kubernetes-tokens")) {
        joining(all);
      }
    }
    given(args, "--ca-secret").ifPresent(secret -> authority(secret, all));
    return new ArrayList<>(all);
  }

  private static Optional<String> given(List<String> args, String flag) {
    for (int i = 0; i < args.size(); i++) {
      if (args.get(i).equals(flag) && i + 1 < args.size()) {
        return Optional.of(args.get(i + 1));
      }
      if (args.get(i).startsWith(flag + "=")) {
        return Optional.of(args.get(i).substring(flag.length() + 1));
      }
    }
    return Optional.empty();
  }

  /** By tokens of ServiceAccounts, which are shown to whom the trust bundle names. */
  private static void joining(Set<Right> all) {
    all.add(new Right("create", "authentication.k8s.io", "tokenreviews", "", ""));
    for (String verb : List.of("list", "watch")) {
      all.add(new Right(verb, "", "namespaces", "", ""));
    }
    for (String verb : List.of("get", "list", "watch", "update")) {
      all.add(new Right(verb, "", "configmaps", "", TrustBundle.NAME));
    }
    all.add(new Right("create", "", "configmaps", "", ""));
    all.add(new Right("get", "", "pods", "", "")); // whose labels count in what a proxy is told
  }

  /**
   * @param secret NAMESPACE/NAME
   */
  private static void authority(String secret, Set<Right> all) {
    joining(all);
    String[] parts = secret.split("/", 2);
    all.add(new Right("get", "", "secrets", parts[0], parts[parts.length - 1]));
    for (String verb : List.of("get", "patch")) {
      all.add(new Right(verb, "coordination.k8s.io", "leases", parts[0], "weft-control"));
      all.add(new Right(verb, "coordination.k8s.io", "leases", parts[0], "weft-gateways"));
    }
    all.add(new Right("create", "coordination.k8s.io", "leases", parts[0], ""));
  }

  /** {@code NAMESPACE/NAME}, or {@code NAMESPACE?label=SELECTOR}, in which there may be a slash. */
  private static void source(String selection, Set<Right> all) {
    String[] labelled = selection.split("\\?", 2);
    String[] parts = labelled[0].split("/", 2);
    String namespace = parts[0].equals("*") ? "" : parts[0];
    String name = parts.length == 2 ? parts[1] : "";
    for (String verb : List.of("get", "list", "watch", "patch")) {
      all.add(new Right(verb, "", "configmaps", namespace, name));
    }
    for (String verb : List.of("create", "get", "patch")) {
      all.add(new Right(verb, "", "events", namespace, ""));
    }
  }

  /**
   * @param namespace empty for all
   */
  private static void discovery(String namespace, Map<String, String> istio, Set<Right> all) {
    for (String verb : List.of("get", "list", "watch")) {
      istio.forEach((plural, group) -> all.add(new Right(verb, group, plural, namespace, "")));
      all.add(new Right(verb, "", "services", namespace, ""));
      all.add(new Right(verb, "", "pods", namespace, ""));
      all.add(new Right(verb, "discovery.k8s.io", "endpointslices", namespace, ""));
    }
  }

  private static void webhook(String resource, String name, Set<Right> all) {
    for (String verb : List.of("get", "update")) {
      all.add(new Right(verb, "admissionregistration.k8s.io", resource, "", name));
    }
  }

  /** Of an account. */
  static Finding missing(String account, int asked, List<Right> missing) {
    if (missing.isEmpty()) {
      return Finding.ok(account + " has the " + asked + " rights that its flags need");
    }
    List<String> words = missing.stream().map(Right::toString).toList();
    return Finding.fail(
        account + " may not " + String.join(", ", words), "grant it with a Role or ClusterRole");
  }
}
