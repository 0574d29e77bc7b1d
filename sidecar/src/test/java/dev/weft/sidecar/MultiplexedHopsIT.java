package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests of HTTP/1.1 travel over HTTP/2 between sidecars, and over how many. */
@Timeout(120)
final class MultiplexedHopsIT extends HopsFixture {

  private static final String ALWAYS = "connectionPool: {http: {h2UpgradePolicy: UPGRADE}}";
  private static final String LIMITED =
      "connectionPool: {tcp: {maxConnections: 1}, http: {h2UpgradePolicy: UPGRADE}}";
  private static final String BOUND = "connectionPool: {tcp: {maxConnections: 1000}}";
  private static final String DEFAULT = "connectionPool: {http: {h2UpgradePolicy: DEFAULT}}";
  private static final String AS_CLIENT = "connectionPool: {http: {useClientProtocol: true}}";
  private static final String NEVER = "connectionPool: {http: {h2UpgradePolicy: DO_NOT_UPGRADE}}";
  private static final int AT_ONCE = 40;
  private static final Pattern CONNECTIONS = Pattern.compile("\"connections\" ?: ?(\\d+)");

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final List<HttpServerRequest> held = new ArrayList<>();

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
