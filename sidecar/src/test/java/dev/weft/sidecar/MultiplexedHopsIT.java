package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of HTTP/1.1 that travel over HTTP/2 between sidecars, and those that do not. */
@Timeout(120)
final class MultiplexedHopsIT extends HopsFixture {

  private static final String ALWAYS = "connectionPool: {http: {h2UpgradePolicy: UPGRADE}}";
  private static final String LIMITED =
      "connectionPool: {tcp: {maxConnections: 1}, http: {h2UpgradePolicy: UPGRADE}}";
  private static final String BOUND = "connectionPool: {tcp: {maxConnections: 1000}}";
  private static final String DEFAULT = "connectionPool: {http: {h2UpgradePolicy: DEFAULT}}";
  private static final String AS_CLIENT = "connectionPool: {http: {useClientProtocol: true}}";
  private static final String NEVER = "connectionPool: {http: {h2UpgradePolicy: DO_NOT_UPGRADE}}";
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: \u00e9\r\nX-A: 2\r\n"
          + "x-large: %s\r\n\r\n".formatted("v".repeat(50_000));
  private static final int AT_ONCE = 40;
  private static final int MANY = 80; // of 100 fields that a request may have
  private static final Pattern CONNECTIONS = Pattern.compile("\"connections\" ?: ?(\\d+)");

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final List<HttpServerRequest> held = new ArrayList<>();

  /** A server that takes one request of a connection as it comes, up to the word END. */
  private int verbatim() throws Exception {
    return await(
            vertx
                .createNetServer()
                .connectHandler(MultiplexedHopsIT.this::note)
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private void note(NetSocket socket) {
    StringBuilder text = new StringBuilder();
    socket.handler(
        bytes -> {
          text.append(bytes.toString("ISO-8859-1"));
          if (whole(text.toString())) {
            String request = text.toString();
            text.setLength(0);
            seen.add(request);
            socket.write(ANSWER + (request.startsWith("HEAD") ? "" : "ok"), "ISO-8859-1");
          }
        });
  }

  private static boolean whole(String request) {
    return request.contains("END")
        && request.contains("\r\n\r\n")
        && (!request.contains("chunked") || request.endsWith("\r\n0\r\n\r\n"));
  }

  private static String request(String line, String... more) {
    return RawHttp.lines(line, "Host: " + HOST)
        + RawHttp.lines(more)
        + "X-Last: END\r\nConnection: close\r\n\r\n";
  }

  private static List<String> requests() {
    return List.of(
        request("GET /a/%7Eb;c=1?q=%20x&q=+&r HTTP/1.1", "x: 1"),
        request("REPORT /dav HTTP/1.1", "Depth: 0"),
        request("HEAD / HTTP/1.1", "x: 1"),
        request("OPTIONS * HTTP/1.1", "x: 1"),
        request("GET / HTTP/1.1", "X-Many: one", "x-many: two, three", "X-MANY: ", "x-empty:"),
        request("GET / HTTP/1.1", "Cookie: a=1; b=2", "Accept: */*", "TE: trailers"),
        request("GET / HTTP/1.1", "Cookie: a=1", "x: 1", "Cookie: b=2; c=3", "cookie: d"),
        request("GET / HTTP/1.1", "X-Latin: caf\u00e9 \u00ff", "a_b: ~!#$&'*+^`|"),
        request("GET / HTTP/1.1", "X-Large: " + "v".repeat(50_000)),
        request("POST / HTTP/1.1", "Content-Length: 0"),
        request("PUT / HTTP/1.1", "x: 1"),
        request("GET / HTTP/1.1", "x: 1").replace(HOST, HOST.toUpperCase(Locale.ROOT) + ":80"),
        request("GET http://" + HOST + "/whole?a=/b HTTP/1.1", "x: 1"),
        request("GET / HTTP/1.1", "Cookie: a=1; b=2; c", "Accept: a", "Accept: b;q=0.1"),
        request("GET /?a=[1]&b={2}|3 HTTP/1.1", "X-Odd: \"a, b\\\"\";\tc=d : e ,,", "x:y: z"),
        request(
            "GET / HTTP/1.1", "X-Forwarded-Proto: https", "X-Forwarded-For: 10.0.0.1", "Via: a"),
        request("GET / HTTP/1.1", "TE: trailers, deflate;q=0.5", "Keep-Alive: timeout=5", "DNT: 1"),
        request(
            "GET / HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "x!#$&: 1"),
        request("GET / HTTP/1.1", "Proxy-Connection: close", "X-Hop: 1", "Accept-Encoding: gzip"),
        request("GET / HTTP/1.1", many()),
        request("GET /of/1.0 HTTP/1.0", "x: 1"),
        body("GET", "Content-Length: 3") + "END",
        body("DELETE", "Content-Length: 3") + "END",
        body("POST", "Expect: 100-continue", "Content-Length: 3") + "END",
        body("POST", "Transfer-Encoding: chunked") + "3\r\nEND\r\n0\r\n\r\n",
        body("POST", "Transfer-Encoding: chunked", "Trailer: x-t", "TE: trailers")
            + "3;x=1\r\nEND\r\n0\r\nX-T: 1\r\n\r\n");
  }

  private static String[] many() {
    return IntStream.range(0, MANY).mapToObj(i -> "X-" + i + ": " + i).toArray(String[]::new);
  }

  private static String body(String method, String... head) {
    return RawHttp.lines(method + " /x HTTP/1.1", "Host: " + HOST)
        + RawHttp.lines(head)
        + "Connection: close\r\n\r\n";
  }

  @Test
  void nothingOfARequestOrItsAnswerChangesButTheCaseOfNames() throws Exception {
    int application = verbatim();
    open("HTTP", application, NEVER);
    List<List<String>> before = exchanges();
    stopSidecars();
    open("HTTP", application, ALWAYS);

    List<List<String>> now = exchanges();

    assertThat(now).hasSameSizeAs(requests());
    for (int i = 0; i < now.size(); i++) {
      assertThat(now.get(i)).isEqualTo(before.get(i));
    }
  }

  /** What the service saw of each request, and its caller of the answer. */
  private List<List<String>> exchanges() throws Exception {
    List<List<String>> all = new ArrayList<>();
    for (String request : requests()) {
      String answer = RawHttp.exchange(outbound, request);
      String came = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(came).as(answer).isNotNull();
      List<String> parts = parts(came);
      assertThat(parts.get(0)).isEqualTo(line(request));
      parts.addAll(parts(answer.replaceFirst("^HTTP/1.1 100 Continue\r\n\r\n", "")));
      all.add(parts);
    }
    return all;
  }

  /** A proxy asks in HTTP/1.1, and a server for a path (RFC 9112 section 3.2). */
  private static String line(String request) {
    return request
        .substring(0, request.indexOf("\r\n"))
        .replace("http://" + HOST, "")
        .replace("HTTP/1.0", "HTTP/1.1");
  }

  /** The line, the fields by their names in lower case, and the body; without what is random. */
  private static List<String> parts(String message) {
    int end = message.indexOf("\r\n\r\n");
    String[] lines = message.substring(0, end).split("\r\n", -1);
    TreeSet<String> sorted = new TreeSet<>();
    int fields = 0;
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
      boolean random = name.equals("x-request-id") || name.equals("x-forwarded-client-cert");
      sorted.add(name + (random ? "" : lines[i].substring(colon)));
      fields++;
    }
    List<String> parts = new ArrayList<>(sorted);
    parts.add(0, lines[0]);
    parts.add(fields + " fields");
    parts.add(message.substring(end + 4));
    return parts;
  }

  /** One that answers when so many have come. */
  private int together(int many) throws Exception {
    return together(many, new HttpServerOptions());
  }

  private int together(int many, HttpServerOptions options) throws Exception {
    return await(
            vertx
                .createHttpServer(options)
                .requestHandler(
                    request -> {
                      seen.add(request.version() + " " + request.getHeader("x-weft-http"));
                      held.add(request);
                      if (held.size() == many) {
                        held.forEach(one -> one.response().end(one.path()));
                        held.clear();
                      }
                    })
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private Future<String> asked(HttpClientAgent callers, int number, HttpMethod method) {
    return callers
        .request(
            new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(outbound)
                .setURI("/" + number))
        .compose(
            request -> {
              request.authority(HostAndPort.create(HOST, -1));
              return method.equals(HttpMethod.POST)
                  ? Requests.sent(request, Buffer.buffer("body"))
                  : Requests.sent(request);
            })
        .compose(HttpClientResponse::body)
        .map(Buffer::toString);
  }

  private List<String> allAtOnce(HttpVersion version) throws Exception {
    HttpClientAgent callers =
        agent(
            new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false),
            new PoolOptions().setHttp1MaxSize(AT_ONCE));
    List<Future<String>> all = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      all.add(asked(callers, i, i % 2 == 0 ? HttpMethod.GET : HttpMethod.POST));
    }
    List<String> answers = new ArrayList<>();
    for (Future<String> one : all) {
      answers.add(await(one));
    }
    return answers;
  }

  private static List<String> numbers() {
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      numbers.add("/" + i);
    }
    return numbers;
  }

  private int connections() throws Exception {
    Matcher told = CONNECTIONS.matcher(admin(callerAdmin, "/clusters"));
    assertThat(told.find()).isTrue();
    return Integer.parseInt(told.group(1));
  }

  private static Stream<Arguments> shared() {
    return Stream.of(
        Arguments.of("HTTP", ""),
        Arguments.of("HTTP", DEFAULT),
        Arguments.of("HTTP", ALWAYS),
        Arguments.of("HTTP", LIMITED),
        Arguments.of("", ""),
        Arguments.of("HTTP2", ""));
  }

  @ParameterizedTest
  @MethodSource("shared")
  void manyShareAConnectionAndTheServiceHearsWhatItSpeaks(String protocol, String policy)
      throws Exception {
    open(protocol, together(AT_ONCE), policy);

    assertThat(allAtOnce(HttpVersion.HTTP_1_1)).isEqualTo(numbers());

    assertThat(connections()).isEqualTo(1);
    assertThat(seen)
        .hasSize(AT_ONCE)
        .containsOnly((protocol.equals("HTTP2") ? "HTTP_2" : "HTTP_1_1") + " null");
  }

  @Test
  void aCallerInHttp2OfAServiceInHttp1IsCarriedTheSameWay() throws Exception {
    open("HTTP", together(AT_ONCE), "");

    assertThat(allAtOnce(HttpVersion.HTTP_2)).isEqualTo(numbers());

    assertThat(connections()).isEqualTo(1);
    assertThat(seen).hasSize(AT_ONCE).containsOnly("HTTP_1_1 null");
  }

  @ParameterizedTest
  @ValueSource(strings = {BOUND, AS_CLIENT, NEVER})
  void whereADestinationRuleSaysOtherwiseEachHasAConnection(String policy) throws Exception {
    open("HTTP", together(AT_ONCE), policy);

    assertThat(allAtOnce(HttpVersion.HTTP_1_1)).isEqualTo(numbers());

    assertThat(connections()).isEqualTo(AT_ONCE);
    assertThat(seen).hasSize(AT_ONCE).containsOnly("HTTP_1_1 null");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPeerThatAgreesToNoHttp2IsSpokenToInHttp1(boolean alpn) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(alpn)
            .setAlpnVersions(List.of(HttpVersion.HTTP_1_1))
            .setClientAuth(ClientAuth.REQUIRED);
    options.setKeyCertOptions(pem(mesh.good(SEARCH))).setTrustOptions(roots());
    openBefore(together(AT_ONCE, options), "HTTP", "");

    assertThat(allAtOnce(HttpVersion.HTTP_1_1)).isEqualTo(numbers());

    assertThat(connections()).isEqualTo(AT_ONCE);
    assertThat(seen).hasSize(AT_ONCE).containsOnly("HTTP_1_1 null");
  }

  @Test
  void nobodyOutsideTheMeshSaysWhatWasCarried() throws Exception {
    open("", together(1), ALWAYS);
    HttpClientAgent caller =
        agent(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false),
            new PoolOptions());

    String answer =
        await(
            caller
                .request(
                    new RequestOptions()
                        .setHost("127.0.0.1")
                        .setPort(outbound)
                        .putHeader("x-weft-http", "1.1"))
                .compose(
                    request -> {
                      request.authority(HostAndPort.create(HOST, -1));
                      return Requests.sent(request);
                    })
                .compose(HttpClientResponse::body)
                .map(Buffer::toString));

    assertThat(answer).isEqualTo("/");
    assertThat(seen).containsExactly("HTTP_2 null");
  }
}
