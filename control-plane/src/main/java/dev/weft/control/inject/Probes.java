package dev.weft.control.inject;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has the sidecar ask the application in the kubelet's place, which has no certificate of the mesh:
 * each probe becomes one of the sidecar's health port. Probes that run a command stay, and so do
 * those of another host.
 */
final class Probes {

  /** The sidecar's port for probes, which the rules leave alone. */
  static final int HEALTH_PORT = 15021;

  private static final List<Kind> KINDS =
      List.of(
          new Kind("readinessProbe", "readyz"),
          new Kind("livenessProbe", "livez"),
          new Kind("startupProbe", "startupz"));
  private static final String UNCHANGED = "-._~!&'()*+;=:@/?";
  private static final int HEX_DIGITS = 2;

  private final JsonPatch.Steps steps;
  private final List<String> warnings;
  private final List<String> arguments = new ArrayList<>();

  private record Kind(String field, String path) {}

  Probes(JsonPatch.Steps steps, List<String> warnings) {
    this.steps = steps;
    this.warnings = warnings;
  }

  /** What the sidecar is to be told: {@code --app-probe} and its value, for each. */
  List<String> arguments() {
    return List.copyOf(arguments);
  }

  /**
   * Rewrites those of a container.
   *
   * @param path of the container in the pod
   */
  void of(JsonObject container, List<String> path) {
    String name = Tree.text(container, "name").orElse("");
    for (Kind kind : KINDS) {
      JsonObject probe = Tree.object(container, kind.field());
      String where = "container " + name + ": " + kind.field();
      target(container, probe, where)
          .ifPresent(
              target -> {
                String asked = "/app-health/" + name + "/" + kind.path();
                arguments.add("--app-probe");
                arguments.add(asked + "=" + target);
                List<String> at = new ArrayList<>(path);
                at.add(kind.field());
                steps.replace(rewritten(probe, asked), at);
              });
    }
  }

  private static JsonObject rewritten(JsonObject probe, String path) {
    JsonObject copy = probe.copy();
    List.of("httpGet", "tcpSocket", "grpc").forEach(copy::remove);
    JsonObject get = new JsonObject().put("path", path).put("port", HEALTH_PORT);
    return copy.put("httpGet", get.put("scheme", "HTTP"));
  }

  private Optional<String> target(JsonObject container, JsonObject probe, String where) {
    if (probe.containsKey("httpGet")) {
      return http(container, Tree.object(probe, "httpGet"), where);
    }
    if (probe.containsKey("tcpSocket")) {
      JsonObject tcp = Tree.object(probe, "tcpSocket");
      return elsewhere(tcp, where)
          ? Optional.empty()
          : port(container, tcp, where).map(port -> "tcp://:" + port);
    }
    if (probe.containsKey("grpc")) {
      JsonObject grpc = Tree.object(probe, "grpc");
      String service = Tree.text(grpc, "service").orElse("");
      if (!service.matches("[A-Za-z0-9._-]*")) {
        warnings.add(where + ": service '" + service + "' is asked for by the kubelet itself");
        return Optional.empty();
      }
      String wanted = service.isEmpty() ? "" : "/" + service;
      return port(container, grpc, where).map(port -> "grpc://:" + port + wanted);
    }
    return Optional.empty();
  }

  private Optional<String> http(JsonObject container, JsonObject get, String where) {
    if (elsewhere(get, where)) {
      return Optional.empty();
    }
    if (get.containsKey("httpHeaders")) {
      warnings.add(where + ": httpHeaders are not sent to the application");
    }
    if (Tree.text(get, "scheme").filter("HTTPS"::equals).isPresent()) {
      warnings.add(where + " asks over HTTPS; the sidecar asks whether the port takes connections");
      return port(container, get, where).map(port -> "tcp://:" + port);
    }
    String path = Tree.text(get, "path").orElse("/");
    String whole = escaped(path.startsWith("/") ? path : "/" + path);
    return port(container, get, where).map(port -> "http://:" + port + whole);
  }

  private boolean elsewhere(JsonObject handler, String where) {
    boolean elsewhere = Tree.text(handler, "host").filter(host -> !host.isEmpty()).isPresent();
    if (elsewhere) {
      warnings.add(where + " names a host and is left to the kubelet");
    }
    return elsewhere;
  }

  private Optional<Integer> port(JsonObject container, JsonObject handler, String where) {
    Object port = handler.getValue("port");
    Optional<Integer> number = port instanceof Number given ? named(given) : Optional.empty();
    if (number.isEmpty() && port instanceof String name) {
      number =
          Tree.objects(container, "ports").stream()
              .filter(one -> name.equals(one.getValue("name")))
              .findFirst()
              .flatMap(
                  one ->
                      one.getValue("containerPort") instanceof Number given
                          ? named(given)
                          : Optional.empty());
    }
    if (number.isEmpty()) {
      warnings.add(where + ": port " + port + " is none of the container's; left to the kubelet");
    }
    return number;
  }

  private static Optional<Integer> named(Number port) {
    int value = port.intValue();
    return value > 0 && value <= 65_535 ? Optional.of(value) : Optional.empty();
  }

  /**
   * A path as an argument: a comma would begin another probe, and {@code $(} a variable. What is
   * escaped already stays.
   */
  private static String escaped(String path) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean letter = c < 128 && Character.isLetterOrDigit(c);
      boolean escape = c == '%' && path.substring(i + 1).matches("(?s)[0-9A-Fa-f]{2}.*");
      if (letter || UNCHANGED.indexOf(c) >= 0 || escape) {
        text.append(c);
      } else {
        int end = path.offsetByCodePoints(i, 1);
        for (byte one : path.substring(i, end).getBytes(StandardCharsets.UTF_8)) {
          text.append('%').append(String.format("%0" + HEX_DIGITS + "X", one & 0xFF));
        }
        i = end - 1;
      }
    }
    return text.toString();
  }
}
