package dev.weft.gateway;

import dev.weft.testkit.Requests;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.concurrent.atomic.AtomicInteger;

/** A gateway whose policies ask an authorizer, and a service that tells what it got. */
abstract class AuthorizersFixture extends GatewayFixture {

  /** CUSTOM, DENY and ALLOW: what each of them speaks of. */
  static final String POLICIES =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: ask, namespace: istio-system}
      spec: {action: CUSTOM, provider: {name: sample}, rules: [{to: [{operation: {paths: ["/ask/*"]}}]}]}
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny, namespace: istio-system}
      spec:
        action: DENY
        rules:
        - to: [{operation: {paths: ["*/forbidden"]}}]
        - when: [{key: "request.headers[x-role]", values: [banned]}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: allow, namespace: istio-system}
      spec: {rules: [{to: [{operation: {notPaths: ["*/unlisted"]}}]}]}
      """;

  final AtomicInteger reached = new AtomicInteger(); // the service

  /**
   * @param provider of {@code sample}
   * @param authorizer its port
   */
  void begin(String provider, int authorizer) throws Exception {
    int backend = backend(this::echo);
    guardedGateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        POLICIES,
        provider(provider),
        authorizer(authorizer));
  }

  static String provider(String kind) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default, namespace: istio-system}
    spec: {extensionProviders: [{name: sample, %s}]}
    """
        .formatted(kind);
  }

  static String authorizer(int port) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: authorizer, namespace: auth}
    spec:
      hosts: [authorizer.test]
      exportTo: [auth]
      resolution: STATIC
      ports: [{number: 9000, name: tcp}]
      endpoints: [{address: 127.0.0.1, ports: {tcp: %d}}]
    """
        .formatted(port);
  }

  private void echo(HttpServerRequest request) {
    reached.incrementAndGet();
    request
        .body()
        .onSuccess(
            body ->
                request
                    .response()
                    .putHeader("x-from", "service")
                    .end(
                        request.method()
                            + " "
                            + request.uri()
                            + " user="
                            + request.headers().getAll("x-user")
                            + " token="
                            + request.headers().getAll("x-token")
                            + " peer="
                            + request.getHeader("x-weft-peer")
                            + " cert="
                            + request.getHeader("x-forwarded-client-cert")
                            + " body="
                            + body.length()
                            + "/"
                            + sum(body)));
  }

  static int sum(Buffer body) {
    int sum = 0;
    for (int i = 0; i < body.length(); i++) {
      sum = 31 * sum + body.getByte(i);
    }
    return sum;
  }

  private HttpClient client;

  HttpClientResponse asked(HttpMethod method, String uri, Buffer body, String... headers)
      throws Exception {
    client = client == null ? client(new HttpClientOptions()) : client;
    RequestOptions options = options(method, uri);
    for (int i = 0; i < headers.length; i += 2) {
      options.addHeader(headers[i], headers[i + 1]);
    }
    return await(
        client
            .request(options)
            .compose(
                request -> {
                  request.authority(HostAndPort.create("shop.test", 80));
                  return Requests.sent(request, body);
                }));
  }

  HttpClientResponse asked(String uri, String... headers) throws Exception {
    return asked(HttpMethod.GET, uri, Buffer.buffer(), headers);
  }

  /** Status and body. */
  String said(String uri, String... headers) throws Exception {
    return said(asked(uri, headers));
  }

  static String said(HttpClientResponse response) throws Exception {
    return response.statusCode() + " " + await(response.body());
  }
}
