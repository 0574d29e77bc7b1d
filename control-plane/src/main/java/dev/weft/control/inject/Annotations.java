package dev.weft.control.inject;

import dev.weft.config.yaml.Fields;
import dev.weft.control.inject.Wishes.Exclusions;
import dev.weft.control.inject.Wishes.Resources;
import dev.weft.kubernetes.discovery.MeshPod;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Reads the annotations of a pod. Of a setting that Istio has too, ours counts first. All faults
 * are collected, none stops the reading.
 */
final class Annotations {

  private static final int MOST_PORT = 65_535;
  private static final int V4_BITS = 32;
  private static final int V6_BITS = 128;

  private static final Name INBOUND = new Name(MeshPod.EXCLUDED, MeshPod.EXCLUDED_ISTIO);
  private static final Name OUTBOUND =
      new Name("weft.dev/exclude-outbound-ports", "traffic.sidecar.istio.io/excludeOutboundPorts");
  private static final Name NETWORKS =
      new Name(
          "weft.dev/exclude-outbound-ip-ranges",
          "traffic.sidecar.istio.io/excludeOutboundIPRanges");
  private static final Name CPU = new Name("weft.dev/proxy-cpu", "sidecar.istio.io/proxyCPU");
  private static final Name CPU_LIMIT =
      new Name("weft.dev/proxy-cpu-limit", "sidecar.istio.io/proxyCPULimit");
  private static final Name MEMORY =
      new Name("weft.dev/proxy-memory", "sidecar.istio.io/proxyMemory");
  private static final Name MEMORY_LIMIT =
      new Name("weft.dev/proxy-memory-limit", "sidecar.istio.io/proxyMemoryLimit");
  private static final Name PROBES =
      new Name("weft.dev/rewrite-probes", "sidecar.istio.io/rewriteAppHTTPProbers");
  private static final String IMAGE = "weft.dev/proxy-image";
  private static final String HOLD = "weft.dev/hold-application-until-proxy-starts";
  private static final String MODE = "sidecar.istio.io/interceptionMode";

  /** Istio's that would be dropped in silence. */
  private static final List<String> NOT_HONOURED =
      List.of(
          "sidecar.istio.io/proxyImage",
          "sidecar.istio.io/userVolume",
          "sidecar.istio.io/userVolumeMount",
          "traffic.sidecar.istio.io/includeInboundPorts",
          "traffic.sidecar.istio.io/includeOutboundPorts",
          "traffic.sidecar.istio.io/includeOutboundIPRanges",
          "traffic.sidecar.istio.io/kubevirtInterfaces");

  private final Map<String, String> given;
  private final List<String> faults;
  private final List<String> warnings;

  /** Ours, and Istio's where it has one. */
  private record Name(String ours, String istio) {}

  /** One that is there. */
  private record Said(String name, String value) {}

  /**
   * @param faults hears of values that mean nothing
   * @param warnings hears of what has no effect
   */
  Annotations(Map<String, String> given, List<String> faults, List<String> warnings) {
    this.given = given;
    this.faults = faults;
    this.warnings = warnings;
  }

  /** What they ask for; of no use where there are faults. */
  Wishes wishes() {
    NOT_HONOURED.stream()
        .filter(given::containsKey)
        .filter(name -> !"*".equals(given.get(name)))
        .forEach(name -> warnings.add("annotation " + name + " has no effect"));
    redirected();
    Exclusions exclusions =
        new Exclusions(
            list(
                INBOUND,
                Annotations::isPorts,
                "ports, 1 to 65535, with commas between",
                "15020,8000-8010"),
            list(
                OUTBOUND,
                Annotations::isPorts,
                "ports, 1 to 65535, with commas between",
                "3306,8000-8010"),
            list(
                NETWORKS,
                Annotations::isNetwork,
                "networks, ADDRESS/BITS, with commas between",
                "10.0.0.0/8,fd00::/8"));
    return new Wishes(
        exclusions,
        resources(CPU, CPU_LIMIT, new Resources(amount("50m"), Optional.empty())),
        resources(
            MEMORY, MEMORY_LIMIT, new Resources(amount("96Mi"), Optional.of(amount("256Mi")))),
        image(),
        hold(),
        said(PROBES).map(this::truth).orElse(true));
  }

  private static Quantity amount(String text) {
    return Quantity.of(text).orElseThrow();
  }

  private Optional<Said> said(Name name) {
    return said(name.ours()).or(() -> said(name.istio()));
  }

  private Optional<Said> said(String name) {
    return Optional.ofNullable(given.get(name)).map(value -> new Said(name, value.strip()));
  }

  private void redirected() {
    said(MODE)
        .filter(said -> !said.value().equals("REDIRECT"))
        .ifPresent(
            said ->
                fault(said, "REDIRECT", "a sidecar without capabilities cannot keep addresses"));
  }

  private List<String> list(Name name, Predicate<String> good, String expected, String example) {
    Optional<Said> said = said(name);
    List<String> all =
        said.stream()
            .flatMap(one -> Stream.of(one.value().split(",", -1)))
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .toList();
    if (!all.stream().allMatch(good)) {
      said.ifPresent(one -> fault(one, expected, "for example " + example));
      return List.of();
    }
    return all;
  }

  private static boolean isPorts(String text) {
    String[] ends = text.split("-", -1);
    return ends.length <= 2
        && Stream.of(ends).allMatch(Annotations::isPort)
        && Integer.parseInt(ends[0]) <= Integer.parseInt(ends[ends.length - 1]);
  }

  private static boolean isPort(String text) {
    return text.matches("[1-9]\\d{0,4}") && Integer.parseInt(text) <= MOST_PORT;
  }

  private static boolean isNetwork(String text) {
    String[] parts = text.split("/", -1);
    boolean v4 = NetUtil.isValidIpV4Address(parts[0]);
    boolean v6 = parts[0].indexOf('%') < 0 && NetUtil.isValidIpV6Address(parts[0]);
    int most = v4 ? V4_BITS : V6_BITS;
    boolean bits =
        parts.length == 1
            || (parts.length == 2
                && parts[1].matches("\\d{1,3}")
                && Integer.parseInt(parts[1]) <= most);
    return (v4 || v6) && bits;
  }

  private Resources resources(Name request, Name limit, Resources usual) {
    Optional<Quantity> asked = said(request).flatMap(this::quantity);
    Optional<Quantity> most = said(limit).flatMap(this::quantity);
    if (asked.isPresent() && most.isPresent() && asked.get().compareTo(most.get()) > 0) {
      said(request)
          .ifPresent(
              said ->
                  fault(
                      said,
                      "at most " + most.get().text() + ", which is its limit",
                      "raise the limit, too"));
    }
    Quantity promised = asked.orElse(usual.request());
    Optional<Quantity> bound = most.or(usual::limit);
    if (bound.isPresent() && promised.compareTo(bound.get()) > 0) {
      return asked.isPresent() // one of both is the usual one, and follows
          ? new Resources(promised, Optional.of(promised))
          : new Resources(bound.get(), bound);
    }
    return new Resources(promised, bound);
  }

  private Optional<Quantity> quantity(Said said) {
    Optional<Quantity> quantity = Quantity.of(said.value());
    if (quantity.isEmpty()) {
      fault(said, "an amount above zero", "for example 100m of processors, 128Mi of memory");
    }
    return quantity;
  }

  private Optional<String> image() {
    Optional<Said> said = said(IMAGE);
    if (said.isPresent() && !said.get().value().matches("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}")) {
      fault(said.get(), "an image", "for example registry.example.com/weft-sidecar:1.0");
    }
    return said.map(Said::value);
  }

  private Optional<Boolean> hold() {
    Optional<Said> ours = said(HOLD);
    if (ours.isPresent()) {
      return ours.map(this::truth);
    }
    List<String> unread = new ArrayList<>();
    Optional<ProxyConfig> config =
        said(ProxyConfig.NAME).map(said -> ProxyConfig.of(said.value(), faults, unread));
    unread.forEach(
        field -> warnings.add("annotation " + ProxyConfig.NAME + ": " + field + " has no effect"));
    return config.flatMap(ProxyConfig::hold);
  }

  private boolean truth(Said said) {
    if (!said.value().equals("true") && !said.value().equals("false")) {
      fault(said, "true or false", "in quotes, as all annotations are texts");
    }
    return said.value().equals("true");
  }

  private void fault(Said said, String expected, String hint) {
    faults.add(sentence(said.name(), said.value(), expected, hint));
  }

  static String sentence(String name, String value, String expected, String hint) {
    String shown = Fields.shortened(value);
    return "annotation " + name + ": '" + shown + "' (expected: " + expected + "); " + hint;
  }
}
