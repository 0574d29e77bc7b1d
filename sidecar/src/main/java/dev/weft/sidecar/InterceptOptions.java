package dev.weft.sidecar;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.listener.intercept.TransparentSource;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.sidecar.intercept.InterceptionMode;
import io.netty.channel.epoll.Epoll;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags of a sidecar whose connections the kernel redirects. */
final class InterceptOptions {

  private static final int MOST_WAIT = 60_000;

  @Option(
      names = "--intercept",
      description = {
        "Takes the connections that the kernel redirects to ports 15001 (leaving) and 15006",
        "(arriving); ./weft intercept install makes it do so. Run it as user 1337."
      })
  private boolean intercept;

  @Option(
      names = "--outbound-traffic-policy",
      paramLabel = "ALLOW_ANY|REGISTRY_ONLY",
      defaultValue = "ALLOW_ANY",
      description = {
        "What becomes of a connection that was going where no service is known: it goes there",
        "(the default), or is refused."
      })
  private String policy = "ALLOW_ANY";

  @Option(
      names = "--detection-wait",
      paramLabel = "MILLISECONDS",
      defaultValue = "1000",
      description = {
        "How long the first bytes of a connection are waited for, where nothing says what it",
        "speaks: then the other side speaks first, and it is carried as it is",
        "(default: ${DEFAULT-VALUE})."
      })
  private int detectionWait = 1000;

  @Option(
      names = "--interception-mode",
      paramLabel = "REDIRECT|TPROXY",
      defaultValue = "REDIRECT",
      description = {
        "As ./weft intercept install was told (default: ${DEFAULT-VALUE}). With TPROXY the",
        "application sees its callers' addresses; the sidecar needs CAP_NET_RAW or CAP_NET_ADMIN."
      })
  private InterceptionMode mode = InterceptionMode.REDIRECT;

  /** Empty without {@code --intercept}. */
  Optional<Interceptor> interceptor(ProxyOptions options) {
    Unknown unknown =
        Arrays.stream(Unknown.values())
            .filter(one -> one.name().equals(policy))
            .findFirst()
            .orElseThrow(
                () ->
                    options.usage(
                        "--outbound-traffic-policy "
                            + policy
                            + " (expected: ALLOW_ANY or REGISTRY_ONLY)"));
    if (detectionWait < 1 || detectionWait > MOST_WAIT) {
      throw options.usage(
          "--detection-wait " + detectionWait + " (expected: 1 to " + MOST_WAIT + ")");
    }
    if (!intercept) {
      return Optional.empty();
    }
    if (!Epoll.isAvailable()) {
      throw options.usage("--intercept needs Linux on x86_64 or aarch64, with epoll");
    }
    boolean transparent = mode == InterceptionMode.TPROXY;
    if (transparent && !TransparentSource.allowed()) {
      throw options.usage(
          "--interception-mode TPROXY needs CAP_NET_RAW or CAP_NET_ADMIN in this network namespace");
    }
    return Optional.of(new Interceptor(unknown, Duration.ofMillis(detectionWait), transparent));
  }
}
