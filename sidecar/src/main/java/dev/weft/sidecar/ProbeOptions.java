package dev.weft.sidecar;

import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.HealthCheck.Probe;
import dev.weft.routing.admin.AppProbes;
import dev.weft.routing.cluster.Delivery;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Flag;
import dev.weft.routing.process.flags.Given;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The flag that names what a kubelet asks of the application. */
final class ProbeOptions {

  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration LONGEST = Duration.ofSeconds(30); // a kubelet gives up by itself

  private static final Flag APP_PROBE =
      Flag.lists(
          "--app-probe",
          "PATH=TARGET",
          "Asks the application in a kubelet's place, which has no certificate of the mesh: GET PATH",
          "on the --health port is 200 where TARGET is well, http://[HOST]:PORT/PATH (a status of",
          "200 to 399), tcp://[HOST]:PORT or grpc://[HOST]:PORT[/SERVICE], and 503 otherwise.",
          "HOST is an IP address (default: 127.0.0.1).");

  static final List<Flag> FLAGS = List.of(APP_PROBE);

  private final List<String> probes;

  ProbeOptions(Given given) {
    this.probes = given.all(APP_PROBE);
  }

  /**
   * @param intercepts whether connections to the application must come from where the rules leave
   *     them alone
   */
  List<AppProbes.Asked> probes(ProxyOptions options, boolean intercepts) {
    if (!probes.isEmpty() && options.health().isEmpty()) {
      throw options.usage("--app-probe without --health, on whose port it would be");
    }
    return probes.stream().map(text -> probe(options, text, intercepts)).toList();
  }

  private static AppProbes.Asked probe(ProxyOptions options, String text, boolean intercepts) {
    int equals = text.indexOf('=');
    String path = equals < 0 ? "" : text.substring(0, equals);
    Optional<URI> target = target(text.substring(equals + 1));
    Optional<Probe> wanted = target.flatMap(ProbeOptions::wanted);
    if (!path.matches("/[A-Za-z0-9._~/-]+") || wanted.isEmpty()) {
      throw options.usage(
          "--app-probe "
              + text
              + " (expected: e.g. /app-health/search/readyz=http://:8080/ready, tcp://:5432 or"
              + " grpc://:9090)");
    }
    URI uri = target.orElseThrow();
    HealthCheck check = new HealthCheck(wanted.get(), OptionalInt.empty(), LONGEST, LONGEST, 1, 1);
    return new AppProbes.Asked(path, application(uri, intercepts), check);
  }

  private static Endpoint application(URI target, boolean intercepts) {
    String host = host(target);
    @Nullable InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
    Optional<String> from =
        intercepts ? Optional.ofNullable(address).map(Delivery::from) : Optional.empty();
    UpstreamTls tls = new UpstreamTls.Plaintext(from, Optional.empty());
    return new Endpoint(host, target.getPort(), Map.of(), "", 1, tls);
  }

  private static String host(URI target) {
    String host = target.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** A target without a host is on loopback, where most listen; URIs always have one. */
  private static Optional<URI> target(String text) {
    try {
      URI uri = new URI(text.replaceFirst("^([a-z]+)://:", "$1://" + LOOPBACK + ":"));
      boolean whole = uri.getHost() != null && uri.getPort() > 0;
      return whole && NetUtil.createInetAddressFromIpAddressString(host(uri)) != null
          ? Optional.of(uri)
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static Optional<Probe> wanted(URI target) {
    String path = target.getRawPath();
    return switch (target.getScheme()) {
      case "http" -> {
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        yield Optional.of(new Probe.Http((path.isEmpty() ? "/" : path) + query, ""));
      }
      case "tcp" -> Optional.of(new Probe.Tcp());
      case "grpc" -> Optional.of(new Probe.Grpc(path.isEmpty() ? "" : path.substring(1)));
      default -> Optional.empty();
    };
  }
}
