package dev.weft.routing.admin;

import dev.weft.routing.admin.AdminSource.Explanation;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why a request went where it went, told afterwards: a page for an admin port. */
public final class WhyPage {

  private final Vertx vertx;
  private final Answers answers;

  /** Who decides again. Asked on a worker; each fails with a sentence where it cannot tell. */
  public interface Answers {

    /**
     * Of a request of the last ones.
     *
     * @param id its {@code x-request-id}
     */
    Explanation ofId(String id);

    /**
     * Of a request by its line in the access log.
     *
     * @param headers that are known beside it
     */
    Explanation ofLine(JsonObject line, List<Map.Entry<String, String>> headers);
  }

  public WhyPage(Vertx vertx, Answers answers) {
    this.vertx = vertx;
    this.answers = answers;
  }

  /** Behind whatever guard the router has. */
  public void mount(Router router) {
    router.get("/why").handler(this::why);
  }

  private void why(RoutingContext context) {
    boolean text = Parameters.text(context, "output").orElse("json").equals("text");
    vertx
        .executeBlocking(() -> answer(context), false)
        .onSuccess(
            answer -> {
              if (text) {
                Replies.text(context, answer.text());
              } else {
                Replies.json(context, 200, answer.json());
              }
            })
        .onFailure(
            wrong -> {
              if (wrong instanceof IllegalArgumentException) {
                Replies.error(context, 400, String.valueOf(wrong.getMessage()));
              } else {
                context.fail(wrong);
              }
            });
  }

  private Explanation answer(RoutingContext context) {
    Optional<String> line = Parameters.text(context, "line");
    if (line.isPresent()) {
      return answers.ofLine(object(line.get()), Parameters.headers(context));
    }
    return answers.ofId(
        Parameters.text(context, "id")
            .orElseThrow(
                () -> new IllegalArgumentException("id: missing (expected: ?id=x-request-id)")));
  }

  private static JsonObject object(String line) {
    try {
      return new JsonObject(line);
    } catch (DecodeException e) {
      throw new IllegalArgumentException("line: no JSON (expected: one of the access log)", e);
    }
  }
}
