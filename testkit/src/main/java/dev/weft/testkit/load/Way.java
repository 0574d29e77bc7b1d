package dev.weft.testkit.load;

import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.TrustOptions;

/**
 * How a part of the calls uses its connections.
 *
 * @param name that a failure is told with
 */
public record Way(String name, HttpClientOptions options, PoolOptions pool) {

  private static final int CONNECTIONS = 2048;
  private static final int STREAMS = 100;

  public Way {
    options = new HttpClientOptions(options);
    pool = new PoolOptions(pool);
  }

  /** HTTP/1.1 over connections that are used again. */
  public static Way kept() {
    return new Way("kept", new HttpClientOptions(), pooled());
  }

  /** HTTP/1.1, a connection for each call. */
  public static Way fresh() {
    return new Way("new", new HttpClientOptions().setKeepAlive(false), pooled());
  }

  /** HTTP/2, many calls on few connections. */
  public static Way http2() {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setHttp2MultiplexingLimit(STREAMS);
    return new Way("http2", options, pooled().setHttp2MaxSize(CONNECTIONS / STREAMS));
  }

  private static PoolOptions pooled() {
    return new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(-1);
  }

  /** The same over TLS, with the call's authority as server name. */
  public Way over(TrustOptions trust) {
    HttpClientOptions secured =
        new HttpClientOptions(options)
            .setSsl(true)
            .setUseAlpn(true)
            .setForceSni(true)
            .setVerifyHost(false) // a test's certificate names a workload, not a host
            .setTrustOptions(trust);
    if (OpenSSLEngineOptions.isAvailable()) {
      secured.setSslEngineOptions(new OpenSSLEngineOptions()); // quicker, above all at first
    }
    return new Way(name + " tls", secured, pool);
  }
}
