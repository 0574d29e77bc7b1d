package dev.weft.cli.history;

import dev.weft.cli.admin.OneAdmin;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weft config rollback}: a version that served before serves again. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Goes back to a version that served before, in what serves and in its source.",
      "It serves at once where it is asked for, and is written to the folder or the",
      "ConfigMaps that it came from, so that it stays. What somebody changed there",
      "meanwhile is left alone and told. Ask the process that reads the source: the",
      "control plane, or a gateway without one.",
      "Exit 1 where it serves, but could not be written everywhere.",
      "",
      "  ./weft config rollback --admin 15000    the version before the one that serves",
      "  ./weft config rollback 7 --admin 15000  version 7 of ./weft config history",
      ""
    })
public final class RollbackCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "N",
      description = "The version (default: the one before the one that serves).")
  private @Nullable Long version;

  @Mixin private final OneAdmin admin = new OneAdmin();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    String which = Optional.ofNullable(version).map(number -> "?version=" + number).orElse("");
    JsonObject done =
        admin.port("proxy or control plane").post("/config/rollback" + which, "sources");
    telling.tell(done, () -> text(done));
    return HistoryCommand.objects(done.getJsonArray("sources")).stream()
            .allMatch(one -> one.getBoolean("written", false))
        ? 0
        : 1;
  }

  static String text(JsonObject done) {
    StringBuilder text = new StringBuilder();
    text.append("version ")
        .append(done.getLong("version"))
        .append(" serves, as version ")
        .append(done.getLong("to"))
        .append(" did");
    for (JsonObject one : HistoryCommand.objects(done.getJsonArray("sources"))) {
      text.append("\n  ").append(one.getString("source")).append(": ");
      String why = one.getString("why", "");
      if (!one.getBoolean("restored")) {
        text.append("not rolled back: ").append(why);
      } else {
        text.append(
            one.getBoolean("written") ? "written" : "rolled back here, not written: " + why);
      }
    }
    return text.toString();
  }
}
