package dev.weft.sidecar;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.listener.intercept.TransparentSource;
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

  private static final Flag INTERCEPT =
      Flag.alone(
          "--intercept",
          "Takes the connections that the kernel redirects to ports 15001 (leaving) and 15006",
          "(arriving); ./weft intercept install makes it do so. Run it as user 1337.");
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

  static final List<Flag> FLAGS = List.of(INTERCEPT, POLICY, DETECTION_WAIT, MODE);

  private final Given given;

  InterceptOptions(Given given) {
    this.given = given;
  }

  /** Empty without {@code --intercept}. */
  Optional<Interceptor> interceptor(ProxyOptions options) {
    Unknown unknown = given.choice(POLICY, Unknown.values());
    int wait = given.number(DETECTION_WAIT, 1, MOST_WAIT);
    boolean transparent = given.choice(MODE, InterceptionMode.values()) == InterceptionMode.TPROXY;
    if (!given.has(INTERCEPT)) {
      return Optional.empty();
    }
    if (!Epoll.isAvailable()) {
      throw options.usage("--intercept needs Linux on x86_64 or aarch64, with epoll");
    }
    if (transparent && !TransparentSource.allowed()) {
      throw options.usage(
          "--interception-mode TPROXY needs CAP_NET_RAW or CAP_NET_ADMIN in this network namespace");
    }
    return Optional.of(new Interceptor(unknown, Duration.ofMillis(wait), transparent));
  }
}
