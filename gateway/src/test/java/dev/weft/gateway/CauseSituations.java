package dev.weft.gateway;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.fault.Blackhole;
import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.load.Asked;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** How causes come about that are of the request itself, and of what lies behind the gateway. */
abstract class CauseSituations extends CausesFixture {

  static final String END = "connection: close";

  final Map<Cause, Situation> situations = new EnumMap<>(Cause.class);

  /** Brings it about; status and {@code Proxy-Status} as the caller sees them. */
  interface Situation {
    String seen() throws Exception;
  }

  void requests() {
    situations.put(Cause.BAD_REQUEST, () -> refused("", "TRACE / HTTP/1.1", "host: shop.test"));
    situations.put(
        Cause.URL_TOO_LONG,
        () -> {
          rule("", entry(good.port()), settings("limits: {urlBytes: 256}"));
          return get(HttpVersion.HTTP_2, "/" + "x".repeat(256));
        });
    situations.put(
        Cause.TOO_MANY_HEADERS,
        () -> refused("headers: 3", "GET / HTTP/1.1", "host: shop.test", "a: 1", "b: 2", "c: 3"));
    situations.put(
        Cause.BODY_TOO_LARGE,
        () -> {
          rule("", entry(good.port()), settings("limits: {bodyBytes: 1}"));
          return told(await(callers(HttpVersion.HTTP_1_1).send(Asked.post("/"))));
        });
    situations.put(
        Cause.REQUEST_TIMEOUT,
        () -> {
          int backend = backend(all -> all.bodyHandler(body -> all.response().end()));
          rule("", entry(backend), settings("limits: {requestBodyIdle: 200ms}"));
          return told(
              RawHttp.exchange(
                  port, "POST / HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 5\r\n\r\nhe"));
        });
    situations.put(
        Cause.CLIENT_GONE,
        () -> {
          good.answers(Fault.hang());
          rule("", entry(good.port()));
          try (RawHttp caller = new RawHttp(port)) {
            caller.send("GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n");
            seen(() -> ledger.requests() == 1);
          }
          return CUT;
        });
    situations.put(
        Cause.CALLER_IDLE,
        () -> {
          int backend = backend(any -> any.response().end(Buffer.buffer(new byte[32 << 20])));
          rule("", entry(backend), settings("limits: {streamIdle: 1s}"));
          try (RawHttp caller = new RawHttp(port, 4096)) {
            caller.send("GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n");
            line(Cause.CALLER_IDLE.word());
          }
          return CUT;
        });
  }

  private String refused(String limits, String... lines) throws Exception {
    rule("", entry(good.port()), settings("limits: {" + limits + "}"));
    return raw(lines);
  }

  void connections() {
    situations.put(Cause.CONNECT_REFUSED, () -> to(entry(1), ""));
    situations.put(
        Cause.CONNECT_TIMEOUT,
        () -> {
          try (Blackhole hole = new Blackhole()) {
            return to(entry(hole.port()), "connectionPool: {tcp: {connectTimeout: 0.3s}}");
          }
        });
    situations.put(
        Cause.UPSTREAM_TLS,
        () ->
            to(
                entry(good.port()),
                "tls: {mode: SIMPLE, caCertificates: %s/ca.crt}".formatted(own())));
    situations.put(Cause.UPSTREAM_IDENTITY, this::another);
    situations.put(
        Cause.NO_CERTIFICATE,
        () ->
            to(
                entry(good.port())
                    .replace("spec:", "spec:\n  location: MESH_INTERNAL")
                    .replace("address: 127", "serviceAccount: backend, address: 127"),
                ""));
    situations.put(
        Cause.REFUSED_STREAM,
        () -> {
          good.answers(Fault.refusedStream());
          return to(entry(good.port()), speaks(HttpVersion.HTTP_2));
        });
  }

  private String to(String entry, String policy) throws Exception {
    rule("retries: {attempts: 0}, ", entry, policy(policy));
    return get("/");
  }

  /** A folder with a certificate, its key and its authority. */
  Path own() throws IOException {
    Path files = state.resolve("own");
    new TestCertificates(Instant.now()).good("spiffe://mesh.test/ns/a/sa/other").write(files);
    return files;
  }

  /** The endpoint shows a certificate of the right authority for another name. */
  private String another() throws Exception {
    Path files = own();
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertPath(files + "/tls.crt")
                    .addKeyPath(files + "/tls.key"));
    int backend =
        await(
                kept(vertx.createHttpServer(options))
                    .requestHandler(any -> any.response().end())
                    .listen(0, "127.0.0.1"))
            .actualPort();
    return to(
        entry(backend),
        ("tls: {mode: SIMPLE, caCertificates: %s/ca.crt, sni: b.test,"
                + " subjectAltNames: ['spiffe://mesh.test/ns/a/sa/backend']}")
            .formatted(files));
  }

  void answers() {
    situations.put(Cause.UPSTREAM_RESET, () -> answered(Fault.close(), ""));
    situations.put(Cause.UPSTREAM_PROTOCOL, () -> answered(Fault.garbage(), ""));
    situations.put(Cause.UPSTREAM_TRUNCATED, () -> answered(Fault.truncated(), ""));
    situations.put(Cause.UPSTREAM_TIMEOUT, () -> answered(Fault.hang(), "timeout: 100ms, "));
    situations.put(
        Cause.PER_TRY_TIMEOUT,
        () -> answered(Fault.hang(), "retries: {attempts: 1, perTryTimeout: 100ms}, "));
    situations.put(
        Cause.CALLER_DEADLINE,
        () -> {
          rule("", entry(backend(any -> {})));
          HttpClientOptions http2 =
              new HttpClientOptions()
                  .setProtocolVersion(HttpVersion.HTTP_2)
                  .setHttp2ClearTextUpgrade(false);
          HttpClientResponse answer =
              await(
                  client(http2)
                      .request(
                          options(HttpMethod.POST, "/shop.Cart/Add")
                              .putHeader("content-type", "application/grpc")
                              .putHeader("grpc-timeout", "100m"))
                      .compose(
                          call ->
                              Requests.sent(call.authority(HostAndPort.create("shop.test", 80)))));
          return answer.statusCode() + " " + answer.getHeader("proxy-status");
        });
    situations.put(
        Cause.STREAM_IDLE,
        () -> {
          good.answers(Fault.hang());
          rule("", entry(good.port()), settings("limits: {streamIdle: 1s}"));
          return get("/");
        });
  }

  private String answered(Fault fault, String clauses) throws Exception {
    good.answers(fault);
    rule(clauses, entry(good.port()));
    return get("/");
  }
}
