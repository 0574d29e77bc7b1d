package dev.weft.sidecar;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.listener.intercept.socket.Mark;
import dev.weft.routing.listener.intercept.socket.TransparentSource;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Flag;
import dev.weft.routing.process.flags.Given;
import dev.weft.sidecar.intercept.InterceptionMode;
import io.netty.channel.epoll.Epoll;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The flags of a sidecar whose connections the kernel redirects. */
final class InterceptOptions {

  private static final int MOST_WAIT = 60_000;
  private static final int MOST_PORT = 65_535;

  private static final Flag INTERCEPT =
      Flag.alone(
          "--intercept",
          "Takes the connections that the kernel redirects here; ./weft intercept install makes it",
          "do so. Run it as user 1337, or with --proxy-mark.");
  private static final Flag OUTBOUND_PORT =
      Flag.one(
              "--outbound-port",
              "PORT",
              "Where it takes those that leave, as ./weft intercept install was told.")
          .or("15001");
  private static final Flag INBOUND_PORT =
      Flag.one("--inbound-port", "PORT", "Where it takes those that arrive, likewise.").or("15006");
  private static final Flag PROXY_MARK =
      Flag.one(
          "--proxy-mark",
          "MARK",
          "Marks its own connections, as ./weft intercept install was told to know them; needs",
          "CAP_NET_ADMIN, or CAP_NET_RAW from Linux 5.17 on.");
  private static final Flag POLICY =
      Flag.one(
              "--outbound-traffic-policy",
              "ALLOW_ANY|REGISTRY_ONLY",
              "What becomes of a connection that was going where no service is known: it goes there,",
              "or is refused.")
          .or(Unknown.ALLOW_ANY.name());
  private static final Flag DETECTION_WAIT =
      Flag.one(
              "--detection-wait",
              "MILLISECONDS",
              "How long the first bytes of a connection are waited for, where nothing says what it",
              "speaks: then the other side speaks first, and it is carried as it is.")
          .or("1000");
  private static final Flag MODE =
      Flag.one(
              "--interception-mode",
              "REDIRECT|TPROXY",
              "As ./weft intercept install was told. With TPROXY the application sees its callers'",
              "addresses; the sidecar needs CAP_NET_RAW or CAP_NET_ADMIN.")
          .or(InterceptionMode.REDIRECT.name());

  static final List<Flag> FLAGS =
      List.of(INTERCEPT, OUTBOUND_PORT, INBOUND_PORT, PROXY_MARK, POLICY, DETECTION_WAIT, MODE);

  private final Given given;

  InterceptOptions(Given given) {
    this.given = given;
  }

  /** Empty without {@code --intercept}. */
  Optional<Interceptor> interceptor(ProxyOptions options) {
    Unknown unknown = given.choice(POLICY, Unknown.values());
    int wait = given.number(DETECTION_WAIT, 1, MOST_WAIT);
    boolean transparent = given.choice(MODE, InterceptionMode.values()) == InterceptionMode.TPROXY;
    int outbound = given.number(OUTBOUND_PORT, 1, MOST_PORT);
    int inbound = given.number(INBOUND_PORT, 1, MOST_PORT);
    Optional<Mark> mark = given.one(PROXY_MARK).map(text -> mark(options, text));
    if (!given.has(INTERCEPT)) {
      return Optional.empty();
    }
    if (outbound == inbound) {
      throw options.usage(
          "--inbound-port " + inbound + " is --outbound-port too (expected: two ports)");
    }
    permitted(options, transparent, mark);
    return Optional.of(
        new Interceptor(
            new Interceptor.How(
                unknown, Duration.ofMillis(wait), transparent, outbound, inbound, mark),
            new ApplicationPorts(new SystemTicker(), transparent)));
  }

  private static Mark mark(ProxyOptions options, String text) {
    return Mark.of(text)
        .orElseThrow(
            () ->
                options.usage(
                    "--proxy-mark " + text + " (expected: 1 to 0xffffffff, e.g. 1338 or 0x53a)"));
  }

  private static void permitted(ProxyOptions options, boolean transparent, Optional<Mark> mark) {
    if (!Epoll.isAvailable()) {
      throw options.usage("--intercept needs Linux on x86_64 or aarch64, with epoll");
    }
    if (transparent && !TransparentSource.allowed()) {
      throw options.usage(
          "--interception-mode TPROXY needs CAP_NET_RAW or CAP_NET_ADMIN in this network namespace");
    }
    if (transparent && mark.filter(Mark.DELIVERED::equals).isPresent()) {
      throw options.usage(
          "--proxy-mark "
              + Mark.DELIVERED
              + " (expected: another one; by it TPROXY knows answers)");
    }
    if (mark.filter(one -> !one.allowed()).isPresent()) {
      throw options.usage(
          "--proxy-mark needs CAP_NET_ADMIN in this network namespace, or CAP_NET_RAW from Linux"
              + " 5.17 on");
    }
  }
}
