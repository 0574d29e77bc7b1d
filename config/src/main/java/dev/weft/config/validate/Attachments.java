package dev.weft.config.validate;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.Gateway.Protocol;
import dev.weft.config.model.Gateway.Server;
import dev.weft.config.model.Gateway.ServerTls;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gateways: what VirtualServices attach to, and servers that share a port. */
final class Attachments {

  private final Map<String, Gateway> gateways = new TreeMap<>();
  private final Set<String> secrets = new TreeSet<>();
  private final Set<String> obtained = new TreeSet<>(); // what takes a Secret's place
  private final Problems problems;

  private Attachments(MeshConfig config, Problems problems) {
    this.problems = problems;
    config.gateways().forEach(one -> gateways.put(one.meta().qualifiedName(), one));
    config.secrets().forEach(one -> secrets.add(one.meta().qualifiedName()));
    config.proxySettings().stream()
        .flatMap(one -> one.blocks().acme().stream())
        .flatMap(acme -> acme.certificates().stream())
        .forEach(one -> obtained.add(one.credential()));
  }

  static void check(MeshConfig config, Problems problems) {
    Attachments attachments = new Attachments(config, problems);
    config.virtualServices().forEach(attachments::check);
    attachments.ports(config);
    attachments.secrets(config);
  }

  private void check(VirtualService service) {
    Set<String> named = new TreeSet<>(service.gateways());
    for (HttpRoute rule : service.http()) {
      rule.matches().forEach(match -> named.addAll(match.gateways()));
    }
    Stream.concat(service.tls().stream(), service.tcp().stream())
        .flatMap(rule -> rule.matches().stream())
        .forEach(match -> named.addAll(match.gateways()));
    named.remove(VirtualService.MESH);
    for (String name : named) {
      Optional<Gateway> gateway = Optional.ofNullable(gateways.get(name));
      if (gateway.isPresent()) {
        hosts(service, gateway.get());
      } else {
        problems.warning(
            Codes.UNKNOWN_GATEWAY,
            service.meta().place(),
            "spec.gateways",
            "gateway " + name + " does not exist" + Hosts.existing(gateways.keySet()),
            "its rules hold nowhere until it does");
      }
    }
  }

  private void hosts(VirtualService service, Gateway gateway) {
    String namespace = service.meta().namespace();
    for (String host : service.hosts()) {
      boolean met =
          gateway.servers().stream()
              .flatMap(server -> server.hosts().stream())
              .filter(at -> at.namespace().equals("*") || at.namespace().equals(namespace))
              .anyMatch(at -> Hosts.covers(at.name(), host) || Hosts.covers(host, at.name()));
      if (!met) {
        problems.warning(
            Codes.UNATTACHED,
            service.meta().place(),
            "spec.hosts",
            "host "
                + host
                + " is no host of gateway "
                + gateway.meta().qualifiedName()
                + Hosts.existing(told(gateway)),
            "its rules hold nowhere there; add the host to a server of " + gateway.meta().place());
      }
    }
  }

  private static List<String> told(Gateway gateway) {
    return gateway.servers().stream()
        .flatMap(server -> server.hosts().stream())
        .map(
            host ->
                host.namespace().equals("*") ? host.name() : host.namespace() + "/" + host.name())
        .distinct()
        .toList();
  }

  /** One port is opened once: what two servers say of it must not differ where it matters. */
  private void ports(MeshConfig config) {
    List<Opened> before = new ArrayList<>();
    for (Gateway gateway : config.gateways()) {
      for (Server server : gateway.servers()) {
        if (server.port() > 0) {
          List<Opened> beside =
              before.stream()
                  .filter(other -> other.server.port() == server.port() && other.meets(gateway))
                  .toList();
          beside.stream().findFirst().ifPresent(other -> differs(server, other.server));
          beside.forEach(other -> sameHost(server, other.server));
          before.add(new Opened(gateway, server));
        }
      }
    }
  }

  private record Opened(Gateway gateway, Server server) {

    /** Whether some gateway could have both. */
    boolean meets(Gateway other) {
      return other.selector().entrySet().stream()
          .allMatch(
              label ->
                  gateway
                      .selector()
                      .getOrDefault(label.getKey(), label.getValue())
                      .equals(label.getValue()));
    }
  }

  private void differs(Server server, Server first) {
    if (!server.bind().equals(first.bind())) {
      problems.error(
          Codes.CONFLICT,
          server.place(),
          "spec.servers",
          "port "
              + server.port()
              + " on "
              + address(server.bind())
              + ", which "
              + first.place()
              + " opens on "
              + address(first.bind()),
          "write the same bind, or another port");
    }
    if (opaque(server) != opaque(first)) {
      problems.error(
          Codes.CONFLICT,
          server.place(),
          "spec.servers",
          "port "
              + server.port()
              + " for "
              + server.protocol()
              + ", which "
              + first.place()
              + " opens for "
              + first.protocol(),
          "a port for " + Protocol.TCP + " takes nothing else; write another port");
    }
  }

  /** Whether it takes every connection, whatever it speaks. */
  private static boolean opaque(Server server) {
    return !server.protocol().http() && !server.encrypted();
  }

  private static String address(String bind) {
    return bind.isEmpty() ? "all addresses" : bind;
  }

  private void sameHost(Server server, Server first) {
    boolean otherTls = !server.tls().equals(first.tls());
    boolean differ = otherTls || server.protocol() != first.protocol();
    if (!server.encrypted() || !first.encrypted() || !differ) {
      return;
    }
    Set<String> names = first.hosts().stream().map(Gateway.Host::name).collect(Collectors.toSet());
    server.hosts().stream()
        .map(Gateway.Host::name)
        .filter(names::contains)
        .distinct()
        .forEach(name -> told(server, name, otherTls ? "tls" : "protocol", first.place()));
  }

  private void told(Server server, String host, String what, Place first) {
    problems.error(
        Codes.DUPLICATE_NAME,
        server.place(),
        "spec.servers",
        "host "
            + host
            + " of port "
            + server.port()
            + " a second time with another "
            + what
            + " (first at "
            + first
            + ")",
        "one handshake can show one of them only");
  }

  private void secrets(MeshConfig config) {
    for (Gateway gateway : config.gateways()) {
      String namespace = gateway.meta().namespace();
      for (Server server : gateway.servers()) {
        String name = server.tls().map(ServerTls::credentialName).orElse("");
        String full = namespace + "/" + name;
        if (!name.isEmpty() && !secrets.contains(full) && !obtained.contains(full)) {
          problems.warning(
              Codes.UNKNOWN_SECRET,
              server.place(),
              "spec.servers",
              "no Secret '" + full + "'" + Hosts.existing(secrets),
              elsewhere(name)
                  ? "a Gateway takes Secrets of its own namespace only; handshakes fail until it"
                      + " is there"
                  : "handshakes fail until it is there");
        }
      }
    }
  }

  private boolean elsewhere(String name) {
    return secrets.stream().anyMatch(one -> one.endsWith("/" + name));
  }
}
