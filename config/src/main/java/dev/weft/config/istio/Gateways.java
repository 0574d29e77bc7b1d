package dev.weft.config.istio;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.Gateway.Host;
import dev.weft.config.model.Gateway.Protocol;
import dev.weft.config.model.Gateway.Server;
import dev.weft.config.model.Gateway.ServerTls;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.Gateway.ServerTls.Version;
import dev.weft.config.model.Meta;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads a Gateway. */
final class Gateways {

  private static final int LAST_PORT = 65535;
  private static final Set<Mode> MUTUAL = Set.of(Mode.MUTUAL, Mode.OPTIONAL_MUTUAL);
  private static final Set<Mode> PASSING = Set.of(Mode.PASSTHROUGH, Mode.AUTO_PASSTHROUGH);

  private static final List<String> OF_CERTIFICATES =
      List.of("credentialName", "serverCertificate", "privateKey", "caCertificates", "caCrl");

  private static final List<String> OF_HANDSHAKES =
      Stream.concat(OF_CERTIFICATES.stream(), Stream.of("minProtocolVersion", "maxProtocolVersion"))
          .toList();

  private Gateways() {}

  static Gateway read(Meta meta, Fields spec) {
    List<Server> servers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields fields : spec.objects("servers")) {
      Server server = server(meta, fields);
      if (!server.name().isEmpty() && !names.add(server.name())) {
        fields.error(
            Codes.DUPLICATE_NAME, "name", "server '" + server.name() + "' a second time", "");
      }
      servers.add(server);
    }
    if (servers.isEmpty()) {
      spec.problems()
          .error(
              Codes.MISSING_FIELD,
              spec.place(),
              spec.path(),
              "no servers (expected: at least one)",
              "");
    }
    Gateway gateway = new Gateway(meta, spec.textMap("selector"), servers);
    spec.done();
    return gateway;
  }

  private static Server server(Meta meta, Fields fields) {
    Optional<Fields> port = fields.object("port");
    if (port.isEmpty()) {
      fields.error(Codes.MISSING_FIELD, "port", "port is missing", "");
    }
    int number = port.map(Gateways::number).orElse(0);
    Protocol protocol = port.map(Gateways::protocol).orElse(Protocol.HTTP);
    String portName = port.map(inner -> inner.text("name", "")).orElse("");
    port.ifPresent(
        inner -> {
          inner.notHonoured("targetPort");
          inner.done();
        });
    Optional<ServerTls> tls = fields.object("tls").map(Gateways::tls);
    if ((protocol == Protocol.HTTPS || protocol == Protocol.TLS) && tls.isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD, "tls", protocol + " without tls (expected: mode, certificate)", "");
    }
    tls.ifPresent(any -> tlsOf(fields, protocol, any));
    List<Host> hosts = new ArrayList<>();
    for (String host : fields.texts("hosts")) {
      hosts.add(host(meta, fields, host));
    }
    if (hosts.isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD, "hosts", "no hosts (expected: at least one)", "'*' for all");
    }
    Server server =
        new Server(
            fields.text("name", ""),
            number,
            portName,
            protocol,
            fields.text("bind", ""),
            hosts,
            tls,
            fields.place());
    fields.notHonoured("defaultEndpoint");
    fields.done();
    return server;
  }

  /** Whether a server's protocol has a use for all that its tls says. */
  private static void tlsOf(Fields server, Protocol protocol, ServerTls tls) {
    Fields fields = server.object("tls").orElse(server);
    boolean encrypted = protocol == Protocol.HTTPS || protocol == Protocol.TLS;
    if (tls.httpsRedirect() && (encrypted || !protocol.http())) {
      fields.error(
          Codes.CONFLICT,
          "httpsRedirect",
          "httpsRedirect beside protocol " + protocol + " (expected: none)",
          "it belongs to the server for plain HTTP");
    }
    if (!encrypted && (certified(tls) || fields.has("mode"))) {
      server.error(
          Codes.CONFLICT,
          "tls",
          "tls beside protocol "
              + protocol
              + (protocol.http() ? " (expected: httpsRedirect alone)" : " (expected: none)"),
          "write protocol: " + (protocol.http() ? "HTTPS" : "TLS"));
    }
  }

  private static int number(Fields port) {
    if (!port.has("number")) {
      port.error(Codes.MISSING_FIELD, "number", "number is missing (expected: 1 to 65535)", "");
    }
    return port.integer("number", 1, LAST_PORT, 0);
  }

  private static Protocol protocol(Fields port) {
    String word = port.required("protocol", "HTTP, HTTPS, HTTP2, GRPC, TLS or TCP");
    List<String> words =
        Arrays.stream(Protocol.values()).map(value -> value.name().replace('_', '-')).toList();
    if (word.isEmpty()) {
      return Protocol.HTTP;
    }
    if (!words.contains(word)) {
      port.unknownValue("protocol", word, words);
      return Protocol.HTTP;
    }
    return Protocol.valueOf(word.replace('-', '_'));
  }

  private static Host host(Meta meta, Fields fields, String text) {
    int slash = text.indexOf('/');
    String namespace = slash < 0 ? "*" : text.substring(0, slash);
    String name = text.substring(slash + 1);
    HostNames.check(fields, "hosts", name);
    return new Host(namespace.equals(".") ? meta.namespace() : namespace, Fields.lower(name));
  }

  private static ServerTls tls(Fields fields) {
    boolean redirect = fields.flag("httpsRedirect", false);
    Mode mode = fields.word("mode", Mode.class).orElse(Mode.SIMPLE);
    ServerTls tls =
        new ServerTls(
            redirect,
            mode,
            fields.text("credentialName", ""),
            fields.text("serverCertificate", ""),
            fields.text("privateKey", ""),
            fields.text("caCertificates", ""),
            fields.text("caCrl", ""),
            fields.texts("subjectAltNames"),
            fields.word("minProtocolVersion", Version.class).orElse(Version.TLS_AUTO),
            fields.word("maxProtocolVersion", Version.class).orElse(Version.TLS_AUTO),
            fields.texts("cipherSuites"));
    fields.refused(
        "subjectAltNames",
        "cipherSuites",
        "credentialNames",
        "tlsCertificates",
        "caCertCredentialName",
        "verifyCertificateSpki",
        "verifyCertificateHash",
        "insecureSkipVerify");
    certificates(fields, tls);
    fields.done();
    return tls;
  }

  private static void certificates(Fields fields, ServerTls tls) {
    boolean mutual = MUTUAL.contains(tls.mode());
    boolean named = !tls.credentialName().isEmpty();
    boolean onlyRedirect = tls.httpsRedirect() && !fields.has("mode");
    if ((tls.mode() == Mode.SIMPLE || mutual) && !certified(tls) && !onlyRedirect) {
      fields.error(
          Codes.MISSING_FIELD,
          "mode",
          tls.mode()
              + " without a certificate"
              + " (expected: credentialName, or serverCertificate and privateKey)",
          "");
    }
    if (mutual && !named && tls.caCertificates().isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD, "mode", tls.mode() + " without caCertificates", "whom to trust");
    }
    useless(fields, tls);
    revoked(fields, tls);
    versions(fields, tls);
  }

  /** What a server says of its certificates and would not be heard. */
  private static void useless(Fields fields, ServerTls tls) {
    if (tls.mode() == Mode.SIMPLE && !tls.caCertificates().isEmpty()) {
      fields.error(
          Codes.CONFLICT,
          "caCertificates",
          "caCertificates beside mode SIMPLE, which asks no client for a certificate",
          "write MUTUAL, or remove them");
    }
    if (PASSING.contains(tls.mode())) {
      none(fields, tls.mode(), OF_HANDSHAKES, "its handshakes are made behind this proxy");
    }
    if (tls.mode() == Mode.ISTIO_MUTUAL) {
      none(fields, tls.mode(), OF_CERTIFICATES, "its certificate is that of this proxy's identity");
    }
    boolean named = !tls.credentialName().isEmpty();
    if (named && (fields.has("serverCertificate") || fields.has("privateKey"))) {
      fields.error(
          Codes.CONFLICT, "credentialName", "credentialName beside files (expected: one)", "");
    }
  }

  /** What keeps nobody away must not look as if it did. */
  private static void revoked(Fields fields, ServerTls tls) {
    if (tls.caCrl().isEmpty()) {
      return;
    }
    if (tls.mode() == Mode.SIMPLE) {
      fields.error(
          Codes.CONFLICT,
          "caCrl",
          "caCrl beside mode SIMPLE, which asks no client for a certificate",
          "write MUTUAL, or remove it");
    } else if (!tls.credentialName().isEmpty()) {
      fields.error(
          Codes.CONFLICT,
          "caCrl",
          "caCrl beside credentialName (expected: none)",
          "the Secret's key ca.crl holds the list");
    }
  }

  private static void none(Fields fields, Mode mode, List<String> names, String why) {
    for (String name : names) {
      if (fields.has(name)) {
        fields.error(
            Codes.CONFLICT, name, name + " beside mode " + mode + " (expected: none)", why);
      }
    }
  }

  private static boolean certified(ServerTls tls) {
    boolean files = !tls.serverCertificate().isEmpty() && !tls.privateKey().isEmpty();
    return files || !tls.credentialName().isEmpty();
  }

  private static void versions(Fields fields, ServerTls tls) {
    old(fields, "minProtocolVersion", tls.minProtocolVersion());
    old(fields, "maxProtocolVersion", tls.maxProtocolVersion());
    if (tls.minProtocolVersion() == Version.TLSV1_3
        && tls.maxProtocolVersion() == Version.TLSV1_2) {
      fields.error(
          Codes.CONFLICT,
          "maxProtocolVersion",
          "maxProtocolVersion TLSV1_2 below minProtocolVersion TLSV1_3",
          "");
    }
  }

  private static void old(Fields fields, String name, Version version) {
    if (version == Version.TLSV1_0 || version == Version.TLSV1_1) {
      fields.error(Codes.OUT_OF_RANGE, name, "below TLSV1_2 (expected: TLSV1_2 or TLSV1_3)", "");
    }
  }
}
