package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An authorizer over gRPC that allows, denies, fails, and answers rubbish. */
@Timeout(60)
final class GrpcAuthorizersIT extends AuthorizersFixture {

  private static final String GRPC =
      "envoyExtAuthzGrpc: {service: auth/authorizer.test, port: 9000, timeout: 5s%s}";

  private final AtomicInteger checks = new AtomicInteger();
  private Map<String, List<String>> last = Map.of();

  private void decide(HttpServerRequest request) {
    request.body().onSuccess(frame -> decide(request, frame));
  }

  /** Does what the path says that the check tells. */
  private void decide(HttpServerRequest request, Buffer frame) {
    checks.incrementAndGet();
    last = CheckMessages.read(frame);
    HttpServerResponse response = request.response().putHeader("content-type", "application/grpc");
    String path = last.get("1.4.2.4").get(0);
    String word = path.substring(path.lastIndexOf('/') + 1);
    if (!word.equals("early")) {
      response.putTrailer("grpc-status", "0");
    }
    switch (word) {
      case "silent" -> {}
      case "reset" -> response.reset(2);
      case "http" -> response.setStatusCode(404).end();
      case "unavailable" -> response.putTrailer("grpc-status", "14").end();
      case "unknown" -> response.putTrailer("grpc-status", "13").end(answer("ok"));
      case "early" -> response.putHeader("grpc-status", "14").end();
      case "empty" -> response.end();
      case "two" -> response.end(answer("ok").appendBuffer(answer("ok")));
      case "cut" -> response.end(answer("ok").getBuffer(0, 8));
      case "packed" -> response.end(answer("ok").setByte(0, (byte) 1));
      case "huge" -> response.end(CheckMessages.framed(Buffer.buffer(new byte[100_000])));
      default -> response.end(answer(word));
    }
  }

  private static Buffer answer(String word) {
    return CheckMessages.framed(
        switch (word) {
          case "deny" ->
              CheckMessages.denied(
                  401,
                  "who?",
                  CheckMessages.header("x-reason", "none"),
                  CheckMessages.header("set-cookie", "a=1"),
                  CheckMessages.header("set-cookie", "b=2"),
                  CheckMessages.header("content-length", "999"),
                  CheckMessages.header(":status", "200"));
          case "plain" -> CheckMessages.status(16);
          case "both" -> CheckMessages.denied(403, "no").setByte(3, (byte) 0);
          case "statusless" -> CheckMessages.field(3, Buffer.buffer());
          case "nothing" -> Buffer.buffer();
          case "rubbish" -> Buffer.buffer("<html>allowed</html>");
          case "splitting" ->
              CheckMessages.allowed(
                  CheckMessages.field(2, CheckMessages.header("x-user", "a\r\nx-admin: 1")));
          case "nameless" ->
              CheckMessages.allowed(CheckMessages.field(2, CheckMessages.header("", "a")));
          case "forging" ->
              CheckMessages.allowed(
                  CheckMessages.field(2, CheckMessages.header("x-weft-peer", "forged")),
                  CheckMessages.field(2, CheckMessages.header(":authority", "evil.test")),
                  CheckMessages.field(2, CheckMessages.header("host", "evil.test")),
                  CheckMessages.field(2, CheckMessages.header("transfer-encoding", "chunked")),
                  CheckMessages.field(2, CheckMessages.header("X-Forwarded-Client-Cert", "a")),
                  CheckMessages.text(5, "host"));
          case "append" ->
              CheckMessages.allowed(
                  CheckMessages.field(
                      2,
                      CheckMessages.header(
                          "x-user", "more", CheckMessages.field(2, CheckMessages.number(1, 1)))),
                  CheckMessages.field(
                      2, CheckMessages.header("x-token", "set", CheckMessages.number(3, 1))));
          case "remove" -> CheckMessages.allowed(CheckMessages.text(5, "X-Token"));
          case "unsure" ->
              CheckMessages.allowed(
                  CheckMessages.field(
                      2, CheckMessages.header("x-user", "a", CheckMessages.number(3, 9))));
          case "banned" ->
              CheckMessages.allowed(
                  CheckMessages.field(2, CheckMessages.header("x-role", "banned")));
          case "forbidden", "bare" -> CheckMessages.status(0);
          default ->
              CheckMessages.allowed(
                  CheckMessages.field(2, CheckMessages.header("x-user", "alice")),
                  CheckMessages.field(6, CheckMessages.header("x-session", "s1")));
        });
  }

  private static String got(String path, String user, String token) {
    return "200 GET "
        + path
        + " user=["
        + user
        + "] token=["
        + token
        + "] peer=null cert=null"
        + " body=0/0";
  }

  @Test
  void itsAnswerIsCarriedOut() throws Exception {
    begin(GRPC.formatted(""), backend(this::decide));
    String denied = "403 RBAC: access denied";
    String[][] cases = {
      {"/free", got("/free", "mallory", "t"), "0"},
      {"/ask/ok", got("/ask/ok", "alice", "t"), "1"},
      {"/ask/bare", got("/ask/bare", "mallory", "t"), "1"},
      {"/ask/append", got("/ask/append", "mallory, more", "t"), "1"},
      {"/ask/remove", got("/ask/remove", "mallory", ""), "1"},
      {"/ask/forging", got("/ask/forging", "mallory", "t"), "1"},
      {"/ask/forbidden", denied, "1"},
      {"/ask/banned", denied, "1"},
      {"/ask/deny", "401 who?", "1"},
      {"/ask/plain", "403 ", "1"},
      {"/ask/both", "403 no", "1"},
    };
    for (String[] one : cases) {
      int before = checks.get();
      assertThat(said(one[0], "x-user", "mallory", "x-token", "t")).as(one[0]).isEqualTo(one[1]);
      assertThat(checks.get() - before).as(one[0]).isEqualTo(Integer.parseInt(one[2]));
    }
    HttpClientResponse response = asked("/ask/deny");
    assertThat(response.getHeader("x-reason")).isEqualTo("none");
    assertThat(response.headers().getAll("set-cookie")).containsExactly("a=1", "b=2");
    assertThat(asked("/ask/ok").getHeader("x-session")).isEqualTo("s1");
  }

  @Test
  void whatIsNoAnswerRefusesAndRubbishDoesSoWhereFailuresAreLetIn() throws Exception {
    begin(GRPC.formatted(", statusOnError: 503").replace("5s", "500ms"), backend(this::decide));
    List<String> failures = List.of("silent", "reset", "http", "unavailable", "unknown", "early");
    List<String> rubbish =
        List.of(
            "empty",
            "two",
            "cut",
            "packed",
            "huge",
            "statusless",
            "nothing",
            "rubbish",
            "splitting",
            "nameless",
            "unsure");

    for (String word : failures) {
      assertThat(said("/ask/" + word)).as(word).isEqualTo("503 ");
    }
    for (String word : rubbish) {
      assertThat(said("/ask/" + word)).as(word).isEqualTo("503 ");
    }
    assertThat(reached.get()).isZero();

    write("entry3.yaml", provider(GRPC.formatted(", failOpen: true")));
    assertThat(eventually(() -> said("/ask/http").startsWith("200 "))).isTrue();
    assertThat(reached).hasValue(1);
    for (String word : failures.subList(1, failures.size())) {
      assertThat(said("/ask/" + word)).as(word).isEqualTo(got("/ask/" + word, "", ""));
    }
    for (String word : rubbish) {
      assertThat(said("/ask/" + word)).as(word).isEqualTo("403 ");
    }
  }

  @Test
  void itIsToldOfTheRequest() throws Exception {
    begin(
        GRPC.formatted(", includeRequestBodyInCheck: {maxRequestBytes: 4}")
            .replace("4}", "4, allowPartialMessage: true}"),
        backend(this::decide));

    assertThat(
            said(
                asked(
                    HttpMethod.PUT,
                    "/ask/x?q=/ok",
                    Buffer.buffer("12345"),
                    "x-a",
                    "1",
                    "X-A",
                    "2")))
        .startsWith("200 PUT /ask/x?q=/ok user=[alice] ")
        .contains(" body=5/");

    assertThat(last.get("1.1.1.1.2")).containsExactly("127.0.0.1"); // source.address
    assertThat(last.get("1.2.1.1.3")).containsExactly(Integer.toString(port)); // destination
    assertThat(last.get("1.2.4").get(0)).startsWith("spiffe://cluster.local/ns/");
    assertThat(last.get("1.4.1.1").get(0)).hasSize(10); // seconds
    assertThat(last.get("1.4.2.2")).containsExactly("PUT");
    assertThat(last.get("1.4.2.4")).containsExactly("/ask/x?q=/ok");
    assertThat(last.get("1.4.2.5")).containsExactly("shop.test");
    assertThat(last.get("1.4.2.8")).containsExactly("http");
    assertThat(last.get("1.4.2.9")).containsExactly("5");
    assertThat(last.get("1.4.2.10")).containsExactly("HTTP/1.1");
    assertThat(last.get("1.4.2.11")).containsExactly("1234");
    assertThat(CheckMessages.header(last, "x-a")).isEqualTo("1,2");
    assertThat(CheckMessages.header(last, ":path")).isEqualTo("/ask/x?q=/ok");
    assertThat(CheckMessages.header(last, "x-envoy-auth-partial-body")).isEqualTo("true");
    assertThat(CheckMessages.header(last, "x-forwarded-for")).isEqualTo("127.0.0.1");
  }
}
