package dev.weft.control.webhook;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.inject.InjectSettings;
import dev.weft.control.inject.Injector;
import dev.weft.control.issue.JsonErrors;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class InjectRouteIT {

  private static final String POD = "{\"spec\":{\"containers\":[{\"name\":\"app\"}]}}";

  private Vertx vertx;
  private HttpClient client;
  private int port;

  /** What came back. */
  private record Answer(int status, String body) {}

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    client = vertx.createHttpClient();
    Router router = JsonErrors.router(vertx);
    new InjectRoute(new Injector(new InjectSettings("weft:1", "control:1", "mesh", true)))
        .mount(router);
    port =
        done(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1")).actualPort();
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  @Test
  void aPodIsAnsweredWithAPatchDryRunOrNot() throws Exception {
    for (boolean dryRun : new boolean[] {false, true}) {
      JsonObject response = response("/inject/namespace", review("pods", "CREATE", POD, dryRun));

      assertThat(response.getString("uid")).isEqualTo("u1");
      assertThat(response.getBoolean("allowed")).isTrue();
      assertThat(response.getString("patchType")).isEqualTo("JSONPatch");
      byte[] patch = Base64.getDecoder().decode(response.getString("patch"));
      assertThat(new String(patch, StandardCharsets.UTF_8)).startsWith("[{\"op\":\"add\"");
    }
  }

  @Test
  void whatIsNoNewPodOrWantsNothingIsLeft() throws Exception {
    String left = "{\"allowed\":true,\"uid\":\"u1\"}";

    assertThat(response("/inject/pod", review("pods", "CREATE", POD, false)).encode())
        .isEqualTo(left);
    assertThat(response("/inject/namespace", review("pods", "UPDATE", POD, false)).encode())
        .isEqualTo(left);
    assertThat(response("/inject/namespace", review("nodes", "CREATE", POD, false)).encode())
        .isEqualTo(left);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"apiVersion\":\"admission.k8s.io/v1\"}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{}}",
        "{\"apiVersion\":\"admission.k8s.io/v1beta1\",\"request\":{\"uid\":\"u1\"}}",
      })
  void whatIsNoReviewIsRefused(String body) throws Exception {
    Answer answer = asked("/inject/pod", body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo("{\"error\":\"the body is no AdmissionReview of admission.k8s.io/v1\"}");
  }

  @Test
  void aBodyHasABound() throws Exception {
    assertThat(asked("/inject/pod", " ".repeat(5 << 20)).status()).isEqualTo(413);
  }

  private JsonObject response(String path, String body) throws Exception {
    Answer answer = asked(path, body);
    assertThat(answer.status()).isEqualTo(200);
    JsonObject review = new JsonObject(answer.body());
    assertThat(review.getString("apiVersion")).isEqualTo("admission.k8s.io/v1");
    assertThat(review.getString("kind")).isEqualTo("AdmissionReview");
    return review.getJsonObject("response");
  }

  private Answer asked(String path, String body) throws Exception {
    Promise<Answer> answered = Promise.promise();
    vertx.runOnContext( // there a body cannot come before somebody waits for it
        now ->
            client
                .request(HttpMethod.POST, port, "127.0.0.1", path)
                .compose(request -> request.send(Buffer.buffer(body)))
                .compose(
                    response ->
                        response
                            .body()
                            .map(bytes -> new Answer(response.statusCode(), bytes.toString())))
                .onComplete(answered));
    return done(answered.future());
  }

  private static String review(String resource, String operation, String object, boolean dryRun) {
    return """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",
         "request":{"uid":"u1","resource":{"group":"","version":"v1","resource":"%s"},
         "operation":"%s","object":%s,"dryRun":%s}}"""
        .formatted(resource, operation, object, dryRun);
  }
}
