package dev.weft.routing.process.wiring;

import dev.weft.routing.listener.intercept.socket.InterceptingTransport;
import dev.weft.routing.listener.intercept.socket.Mark;
import dev.weft.routing.snapshot.Plan.Sockets;
import dev.weft.routing.telemetry.PrometheusMetrics;
import dev.weft.routing.telemetry.collect.CallTracer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * The Vert.x of a proxy: few threads, nothing looked for in class paths, nothing cached on disk.
 */
public final class ProxyVertx {

  private ProxyVertx() {}

  /**
   * @param loops that carry requests; one more is for what is slow
   * @param calls tells of the program's own calls
   * @param sockets what the kernel is asked for
   */
  public static Vertx of(int loops, PrometheusMetrics metrics, CallTracer calls, Sockets sockets) {
    VertxOptions settings =
        new VertxOptions()
            .setEventLoopPoolSize(loops + 1)
            .setWorkerPoolSize(2)
            .setInternalBlockingPoolSize(2)
            .setPreferNativeTransport(true)
            .setDisableTCCL(true)
            .setBlockedThreadCheckInterval(TimeUnit.SECONDS.toMillis(10))
            .setMetricsOptions(metrics.vertxOptions());
    settings
        .getFileSystemOptions()
        .setFileCachingEnabled(false)
        .setClassPathResolvingEnabled(false);
    VertxBuilder builder =
        Vertx.builder()
            .with(settings)
            .withMetrics(metrics.vertxFactory())
            .withTracer(calls.factory());
    return (sockets.equals(Sockets.USUAL) ? builder : intercepting(builder, sockets)).build();
  }

  private static VertxBuilder intercepting(VertxBuilder builder, Sockets sockets) {
    OptionalInt bits = sockets.mark();
    Optional<Mark> mark =
        bits.isPresent() ? Optional.of(new Mark(bits.getAsInt())) : Optional.empty();
    return InterceptingTransport.on(builder, sockets.transparent(), mark);
  }
}
