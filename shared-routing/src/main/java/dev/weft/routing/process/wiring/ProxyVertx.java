package dev.weft.routing.process.wiring;

import dev.weft.routing.listener.intercept.TransparentTransport;
import dev.weft.routing.telemetry.PrometheusMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;

/**
 * The Vert.x of a proxy: few threads, nothing looked for in class paths, nothing cached on disk.
 */
public final class ProxyVertx {

  private ProxyVertx() {}

  /**
   * @param loops that carry requests; one more is for what is slow
   * @param transparent whether connections may come from addresses of others
   */
  public static Vertx of(int loops, PrometheusMetrics metrics, boolean transparent) {
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
    VertxBuilder builder = Vertx.builder().with(settings).withMetrics(metrics.vertxFactory());
    return (transparent ? TransparentTransport.on(builder) : builder).build();
  }
}
