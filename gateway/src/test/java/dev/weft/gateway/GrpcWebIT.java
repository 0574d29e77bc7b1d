package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls of gRPC-Web over HTTP/1.1, byte by byte, to a service that speaks gRPC. */
final class GrpcWebIT extends GatewayFixture {

  private static final String FIRST = "\0\0\0\0\5first";
  private static final String SECOND = "\0\0\0\0\6second";
  private static final String STATUS = "grpc-status: 0\r\ngrpc-message: done\r\n";
  private static final String FRAME = "\200\0\0\0\44" + STATUS; // 36 bytes

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  /** Answers each message when it comes, and the end with trailers. */
  private void call(HttpServerRequest request) {
    seen.add(
        request.version()
            + " "
            + request.getHeader("content-type")
            + " "
            + request.getHeader("te")
            + " "
            + request.getHeader("content-length"));
    if (request.path().equals("/shop.Cart/None")) {
      request
          .response()
          .putHeader("content-type", "application/grpc")
          .putHeader("grpc-status", "12")
          .end();
      return;
    }
    request.response().setChunked(true).putHeader("content-type", "application/grpc");
    request.response().putTrailer("grpc-status", "0").putTrailer("grpc-message", "done");
    request.handler(message -> request.response().write(message));
    request.endHandler(end -> request.response().end());
  }

  private void begin(String port80, String more) throws Exception {
    gatewayOfServers(
        rules("{" + more + " route: [{destination: {host: backend.test}}]}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]"),
        entry(backend(this::call)),
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, %s}
            bind: 127.0.0.1
            hosts: [shop.test]
        """
            .formatted(port, port80));
  }

  private static String head(String path, String type, String... more) {
    return RawHttp.lines(
            "POST " + path + " HTTP/1.1",
            "Host: shop.test",
            "Content-Type: " + type,
            "Transfer-Encoding: chunked",
            "Origin: https://page.test",
            "X-Grpc-Web: 1")
        + String.join("", more)
        + "\r\n";
  }

  private static String chunk(String bytes) {
    return Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n";
  }

  private static String encoded(String bytes) {
    return Base64.getEncoder().encodeToString(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The next chunk of the answer. */
  private static String next(RawHttp client) throws Exception {
    StringBuilder size = new StringBuilder();
    while (!size.toString().endsWith("\r\n")) {
      size.append(client.next(1));
    }
    int length = Integer.parseInt(size.toString().strip(), 16);
    String chunk = client.next(length);
    assertThat(client.next(2)).isEqualTo("\r\n");
    return chunk;
  }

  @Test
  void messagesStreamBothWaysAndTrailersAreTheLastFrame() throws Exception {
    begin("name: one, protocol: GRPC-WEB", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(head("/shop.Cart/Watch", "application/grpc-web+proto"));
      client.send(chunk(FIRST));
      String answer = client.head();
      assertThat(next(client)).isEqualTo(FIRST);
      client.send(chunk(SECOND));
      assertThat(next(client)).isEqualTo(SECOND);
      client.send("0\r\n\r\n");

      assertThat(next(client)).isEqualTo(FRAME);
      assertThat(next(client)).as("the end").isEmpty();
      assertThat(answer)
          .startsWith("HTTP/1.1 200 ")
          .contains("content-type: application/grpc-web+proto\r\n")
          .doesNotContain("content-length");
    }
    assertThat(seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isEqualTo(HttpVersion.HTTP_2 + " application/grpc+proto trailers null");
  }

  @Test
  void textGoesBothWaysAlsoCutWithinItsQuanta() throws Exception {
    begin("name: one, protocol: GRPC-WEB", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(
          head(
              "/shop.Cart/Watch",
              "application/grpc-web-text",
              "Accept: application/grpc-web-text\r\n"));
      client.send(chunk(encoded(FIRST).substring(0, 6)) + chunk(encoded(FIRST).substring(6)));
      String answer = client.head();
      StringBuilder body = new StringBuilder();
      while (body.length() < FIRST.length()) {
        body.append(decoded(next(client)));
      }
      client.send("0\r\n\r\n");

      assertThat(body).hasToString(FIRST);
      assertThat(decoded(next(client))).isEqualTo(FRAME);
      assertThat(answer).contains("content-type: application/grpc-web-text+proto\r\n");
    }
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.ISO_8859_1);
  }

  @Test
  void textThatIsNoneIsToldAsAStatus() throws Exception {
    begin("name: one, protocol: GRPC-WEB", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(head("/shop.Cart/Watch", "application/grpc-web-text") + chunk("****"));

      assertThat(client.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("content-type: application/grpc-web-text\r\n", "grpc-status: 13\r\n");
    }
  }

  @Test
  void trailersAloneAreInTheHeadAndOriginsAreForThePolicy() throws Exception {
    begin(
        "name: one, protocol: GRPC-WEB",
        "corsPolicy: {allowOrigins: [{exact: 'https://page.test'}], exposeHeaders: [grpc-status]},");

    try (RawHttp client = new RawHttp(port)) {
      client.send(head("/shop.Cart/None", "application/grpc-web+proto") + "0\r\n\r\n");

      assertThat(client.head())
          .startsWith("HTTP/1.1 200 ")
          .contains(
              "content-type: application/grpc-web+proto\r\n",
              "grpc-status: 12\r\n",
              "access-control-allow-origin: https://page.test\r\n",
              "access-control-expose-headers: grpc-status\r\n");
    }
  }

  @Test
  void whereNobodyAskedForItNothingIsTranslated() throws Exception {
    begin("name: one, protocol: HTTP", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(
          head("/shop.Cart/Watch", "application/grpc-web+proto") + chunk(FIRST) + "0\r\n\r\n");

      assertThat(client.head()).contains("content-type: application/grpc\r\n");
      assertThat(next(client)).isEqualTo(FIRST);
    }
    assertThat(seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .startsWith(HttpVersion.HTTP_1_1 + " application/grpc-web+proto ");
  }

  @Test
  void theNameOfAPortAsksForItToo() throws Exception {
    begin("name: grpc-web-shop, protocol: HTTP", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(
          head("/shop.Cart/Watch", "application/grpc-web+proto") + chunk(FIRST) + "0\r\n\r\n");

      client.head();
      assertThat(next(client)).isEqualTo(FIRST);
      assertThat(next(client)).isEqualTo(FRAME);
    }
  }

  /** What grpc-web 2.1.1 says, the client that gRPC itself has for browsers; written down there. */
  private static String said(String type, String accepts, String body) {
    return RawHttp.lines(
            "POST /shop.Cart/Watch HTTP/1.1",
            "x-user: ann",
            "Content-Type: " + type + accepts,
            "X-User-Agent: grpc-web-javascript/0.1",
            "X-Grpc-Web: 1",
            "grpc-timeout: 4996m",
            "Connection: keep-alive",
            "Host: shop.test",
            "User-Agent: Mozilla/5.0 (Linux x64) node.js/20.20.2 v8/11.3.244.8-node.38",
            "Content-Length: " + body.length(),
            "")
        + body;
  }

  @Test
  void theClientForBrowsersIsUnderstoodInBinary() throws Exception {
    begin("name: one, protocol: GRPC-WEB", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(said("application/grpc-web+proto", "", FIRST));

      assertThat(client.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("content-type: application/grpc-web+proto\r\n");
      assertThat(toTheEnd(client)).isEqualTo(FIRST + FRAME);
    }
    assertThat(seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .startsWith(HttpVersion.HTTP_2 + " application/grpc+proto trailers ");
  }

  @Test
  void theClientForBrowsersIsUnderstoodInText() throws Exception {
    begin("name: one, protocol: GRPC-WEB", "");

    try (RawHttp client = new RawHttp(port)) {
      client.send(
          said(
              "application/grpc-web-text",
              "\r\nAccept: application/grpc-web-text",
              "AAAAAAVmaXJzdA=="));

      assertThat(client.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("content-type: application/grpc-web-text+proto\r\n");
      assertThat(decodedEach(toTheEnd(client))).isEqualTo(FIRST + FRAME);
    }
    assertThat(seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .as("its length is that of a text, not of a message")
        .isEqualTo(HttpVersion.HTTP_2 + " application/grpc trailers null");
  }

  private static String toTheEnd(RawHttp client) throws Exception {
    StringBuilder all = new StringBuilder();
    for (String chunk = next(client); !chunk.isEmpty(); chunk = next(client)) {
      all.append(chunk);
    }
    return all.toString();
  }

  /** Texts one after another, each of which may end in padding; as that client reads them. */
  private static String decodedEach(String texts) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < texts.length(); i += 4) {
      all.append(decoded(texts.substring(i, i + 4)));
    }
    return all.toString();
  }
}
