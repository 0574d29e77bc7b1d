package dev.weft.config.model;

import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Listeners at the edge.
 *
 * <p>Source: Istio networking/v1 {@code Gateway}.
 *
 * @param selector labels of the gateways it holds for; empty for all
 */
public record Gateway(Meta meta, Map<String, String> selector, List<Server> servers) {

  public Gateway {
    selector = Map.copyOf(selector);
    servers = List.copyOf(servers);
  }

  /**
   * A port and the hosts on it.
   *
   * @param bind empty for all addresses
   */
  public record Server(
      String name,
      int port,
      String portName,
      Protocol protocol,
      String bind,
      List<Host> hosts,
      Optional<ServerTls> tls,
      Place place) {
    public Server {
      hosts = List.copyOf(hosts);
    }

    /** Whether it is TLS, whoever ends it. */
    public boolean encrypted() {
      return protocol == Protocol.HTTPS || protocol == Protocol.TLS;
    }

    /** Whether it is TLS that is carried as it is. */
    public boolean passesThrough() {
      return encrypted()
          && tls.filter(
                  one ->
                      one.mode() == ServerTls.Mode.PASSTHROUGH
                          || one.mode() == ServerTls.Mode.AUTO_PASSTHROUGH)
              .isPresent();
    }

    /** Whether it is HTTP as far as a gateway sees, so that rules for requests hold. */
    public boolean http() {
      return protocol.http() && !passesThrough();
    }

    /** Whether browsers call gRPC here: by its protocol, or by its port's name behind TLS. */
    public boolean grpcWeb() {
      return protocol == Protocol.GRPC_WEB
          || portName.equals("grpc-web")
          || portName.startsWith("grpc-web-");
    }
  }

  /**
   * @param namespace of the VirtualServices that may attach; {@code *} for all
   * @param name {@code *}, {@code *.suffix} or a full name, in lower case
   */
  public record Host(String namespace, String name) {}

  /** What is spoken on a port. */
  public enum Protocol {
    HTTP,
    HTTPS,
    HTTP2,
    GRPC,
    GRPC_WEB,
    TLS,
    TCP,
    MONGO;

    /** Whether it is HTTP. */
    public boolean http() {
      return this != TLS && this != TCP && this != MONGO;
    }
  }

  /**
   * @param httpsRedirect answers 301 to plain requests
   * @param caCrl file of what the authorities of callers revoked; empty for none
   * @param subjectAltNames that a client's certificate must have one of; empty for any
   */
  public record ServerTls(
      boolean httpsRedirect,
      Mode mode,
      String credentialName,
      String serverCertificate,
      String privateKey,
      String caCertificates,
      String caCrl,
      List<String> subjectAltNames,
      Version minProtocolVersion,
      Version maxProtocolVersion,
      List<String> cipherSuites) {

    /** Source: Istio {@code ServerTLSSettings.TLSmode}. */
    public enum Mode {
      PASSTHROUGH,
      SIMPLE,
      MUTUAL,
      OPTIONAL_MUTUAL,
      ISTIO_MUTUAL,
      AUTO_PASSTHROUGH
    }

    /** TLS_AUTO is 1.2 as the lowest and 1.3 as the highest. */
    public enum Version {
      TLS_AUTO,
      TLSV1_0,
      TLSV1_1,
      TLSV1_2,
      TLSV1_3
    }

    public ServerTls {
      subjectAltNames = List.copyOf(subjectAltNames);
      cipherSuites = List.copyOf(cipherSuites);
    }
  }
}
