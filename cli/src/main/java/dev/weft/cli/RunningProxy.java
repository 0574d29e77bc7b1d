package dev.weft.cli;

import dev.weft.cli.admin.AdminPort;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import io.vertx.core.json.JsonObject;
import java.io.IOException;

/** A proxy that runs, asked by its admin API. */
final class RunningProxy {

  private RunningProxy() {}

  /**
   * What it would do with a request or a connection.
   *
   * @throws IllegalArgumentException with its own sentence, where it cannot make sense of the
   *     question
   */
  static Explanation explain(AdminPort admin, Question question)
      throws IOException, InterruptedException {
    StringBuilder query =
        new StringBuilder("/explain?method=").append(AdminPort.encoded(question.method()));
    query.append("&url=").append(AdminPort.encoded(question.url()));
    question
        .headers()
        .forEach(
            header ->
                query
                    .append("&header=")
                    .append(AdminPort.encoded(header.getKey() + ":" + header.getValue())));
    question.serverName().ifPresent(name -> query.append("&sni=").append(AdminPort.encoded(name)));
    JsonObject json = admin.json(query + "&output=json");
    return new Explanation(json, admin.text(query + "&output=text"));
  }
}
