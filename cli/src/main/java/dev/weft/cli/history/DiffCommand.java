package dev.weft.cli.history;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.OneAdmin;
import dev.weft.cli.admin.Telling;
import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.history.ConfigChange;
import dev.weft.config.history.ResourceFields;
import dev.weft.config.problem.Problem;
import dev.weft.config.source.DirectorySource;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weft config diff}: what files would change against what serves. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Tells what files or folders would change, were they applied to what serves now.",
      "That is each of their resources that is new or another one, field by field,",
      "and their problems; the data of Secrets is not compared. With --whole they are",
      "the whole configuration, so that what they lack would go. Ask the process that",
      "reads the source: the control plane, or a gateway without one.",
      "Exit 0 where nothing would change, 1 where something would or they have",
      "errors.",
      "",
      "  ./weft config diff canary.yaml --admin 15000",
      ""
    })
public final class DiffCommand implements Callable<Integer> {

  private static final String STREAM = "control:"; // what such a source begins with

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files or folders of YAML.")
  private List<Path> paths = List.of();

  @Option(names = "--whole", description = "They are all that there shall be.")
  private boolean whole;

  @Mixin private final OneAdmin admin = new OneAdmin();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<ConfigDocument> documents = new ArrayList<>();
    for (Path path : paths) {
      documents.addAll(DirectorySource.read(path));
    }
    List<Problem> problems =
        ConfigLoader.load(documents).problems().stream().filter(Problem::error).toList();
    JsonObject running = running(admin.port("proxy or control plane"));
    List<ConfigChange> changes = changes(running, ResourceFields.of(documents), whole);
    telling.tell(json(running, changes, problems), () -> text(running, changes, problems));
    return changes.isEmpty() && problems.isEmpty() ? 0 : 1;
  }

  /** What serves there, as it was written; what is streamed comes without its texts. */
  private static JsonObject running(AdminPort port) throws IOException, InterruptedException {
    JsonArray sources = port.json("/config").getJsonArray("sources", new JsonArray());
    List<String> streams =
        sources.stream().map(String::valueOf).filter(one -> one.startsWith(STREAM)).toList();
    if (!streams.isEmpty()) {
      throw new IOException(
          "what "
              + port.at()
              + " serves comes from "
              + String.join(", ", streams)
              + " (--admin of that control plane compares)");
    }
    return port.json("/config/resources", "resources");
  }

  static List<ConfigChange> changes(
      JsonObject running, Map<String, ResourceFields> files, boolean whole) {
    Map<String, ResourceFields> after = new TreeMap<>();
    files.forEach((name, one) -> after.put(name, one.told()));
    Map<String, ResourceFields> before = new TreeMap<>();
    for (JsonObject one : HistoryCommand.objects(running.getJsonArray("resources"))) {
      String name = one.getString("name");
      if (whole || after.containsKey(name)) {
        Map<String, String> fields = new LinkedHashMap<>();
        one.getJsonObject("fields")
            .forEach(field -> fields.put(field.getKey(), String.valueOf(field.getValue())));
        before.put(name, new ResourceFields(name, fields));
      }
    }
    return ConfigChange.between(before, after);
  }

  private static String text(
      JsonObject running, List<ConfigChange> changes, List<Problem> problems) {
    StringBuilder text = new StringBuilder();
    problems.forEach(problem -> text.append(problem).append('\n'));
    for (ConfigChange change : changes) {
      text.append(
              switch (change.kind()) {
                case ADDED -> "+ ";
                case REMOVED -> "- ";
                case CHANGED -> "~ ";
              })
          .append(change.resource())
          .append('\n');
      change.fields().forEach(field -> text.append("    ").append(field).append('\n'));
    }
    String against = " against version " + running.getLong("version");
    return text.append(changes.isEmpty() ? "nothing would change" : counted(changes.size()))
        .append(against)
        .toString();
  }

  private static String counted(int resources) {
    return resources + (resources == 1 ? " resource" : " resources") + " would change";
  }

  private static JsonObject json(
      JsonObject running, List<ConfigChange> changes, List<Problem> problems) {
    JsonArray told = new JsonArray();
    for (ConfigChange change : changes) {
      JsonArray fields = new JsonArray();
      change
          .fields()
          .forEach(
              field -> {
                JsonObject one = new JsonObject().put("path", field.path());
                field.before().ifPresent(value -> one.put("before", value));
                field.after().ifPresent(value -> one.put("after", value));
                fields.add(one);
              });
      told.add(
          new JsonObject()
              .put("resource", change.resource())
              .put("kind", change.kind().name().toLowerCase(Locale.ROOT))
              .put("fields", fields));
    }
    JsonArray errors = new JsonArray();
    problems.forEach(problem -> errors.add(problem.toString()));
    return new JsonObject()
        .put("version", running.getLong("version"))
        .put("changes", told)
        .put("errors", errors);
  }
}
