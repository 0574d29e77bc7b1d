package dev.weft.cli;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.problem.Problem;
import dev.weft.config.source.DirectorySource;
import dev.weft.routing.process.lint.Lint;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft check}: validates files as the proxies would. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Validates files and folders as the proxies would, all problems at once.",
      "Exit 0 without errors (warnings may be), 1 with errors, 2 for usage.",
      "",
      "  ./weft check config/examples/first-canary",
      ""
    })
public final class CheckCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "PATH", arity = "1..*", description = "Files or folders of YAML.")
  private List<Path> paths = List.of();

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How problems are told (default: ${DEFAULT-VALUE}).")
  private Output output = Output.text;

  /** How a command prints. */
  enum Output {
    text,
    json
  }

  @Override
  public Integer call() throws IOException {
    List<ConfigDocument> documents = new ArrayList<>();
    for (Path path : paths) {
      documents.addAll(DirectorySource.read(path));
    }
    LoadResult result = ConfigLoader.load(documents);
    List<Problem> problems = Lint.check(result);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (output == Output.json) {
      out.println(json(problems).encodePrettily());
    } else {
      problems.forEach(problem -> out.println(problem + " [" + problem.code() + "]"));
    }
    out.flush();
    long errors = result.errors();
    long warnings = problems.size() - errors;
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        counted(errors, "error")
            + ", "
            + counted(warnings, "warning")
            + " in "
            + counted(documents.size(), "file"));
    return errors == 0 ? 0 : 1;
  }

  private static String counted(long number, String word) {
    return number + " " + word + (number == 1 ? "" : "s");
  }

  private static JsonArray json(List<Problem> problems) {
    JsonArray all = new JsonArray();
    for (Problem problem : problems) {
      all.add(
          new JsonObject()
              .put("severity", problem.severity().word())
              .put("code", problem.code())
              .put("file", problem.place().file())
              .put("line", problem.place().line())
              .put("column", problem.place().column())
              .put("path", problem.path())
              .put("message", problem.message())
              .put("hint", problem.hint()));
    }
    return all;
  }
}
