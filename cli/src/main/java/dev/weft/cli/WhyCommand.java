package dev.weft.cli;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Proxies;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft why}: what was decided about a request that came, decided again. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = {
      "Tells why a request went where it went: decides again, by the version of the",
      "configuration that served it and with the seed that was drawn for it, and says",
      "whether that is what was logged. Of the last requests the running proxy knows",
      "all that the decision took; of an older one its line in the access log is",
      "taken, and what rules look at and the line does not have is told, not guessed.",
      "A control plane's port stands for all proxies that listen to it.",
      "",
      "  ./weft why 5b439ca0-c838-413a-986b-5b33365899af",
      "  ./weft why --log /var/log/weft/access.log ID -H 'x-user: beta'",
      "",
      "Exit 1 where it is not known, or something else is decided now.",
      ""
    })
public final class WhyCommand implements Callable<Integer> {

  private static final int MOST = 16_000; // what an admin port takes
  private static final int MOST_NAMES = 3; // of those that say the same

  private static final List<String> NEEDED =
      List.of(
          "time",
          "method",
          "scheme",
          "authority",
          "path",
          "status",
          "cause",
          "detail",
          "route",
          "cluster",
          "endpoint",
          "config",
          "seed",
          "principal",
          "source",
          "port");

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "REQUEST-ID", description = "Its x-request-id.")
  private String id = "";

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "An access log; the last line of that id in it is taken.")
  private Optional<Path> log = Optional.empty();

  @Option(
      names = "-H",
      paramLabel = "'NAME: VALUE'",
      description = "A header that it had, beside --log; repeatable.")
  private List<String> headers = List.of();

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    String query = log.isPresent() ? ofLine(log.get()) : "/why?id=" + AdminPort.encoded(id);
    Proxies asked = admins.proxies();
    telling.unheard(asked);
    Map<String, List<String>> refusals = new LinkedHashMap<>();
    boolean found = false;
    boolean same = true;
    Map<Proxies.One, Known> told = asked.ask(port -> Known.of(port, query)).told();
    for (Map.Entry<Proxies.One, Known> each : told.entrySet()) {
      Known known = each.getValue();
      if (known.refusal().isEmpty()) {
        found = true;
        same &= known.json().getBoolean("same", false);
        tell(each.getKey(), known);
      } else {
        refusals
            .computeIfAbsent(known.refusal().get(), any -> new ArrayList<>())
            .add(each.getKey().name());
      }
    }
    if (!found) {
      throw new IOException(refusals.isEmpty() ? "no proxy listens" : told(refusals));
    }
    return same ? 0 : 1;
  }

  private void tell(Proxies.One who, Known known) {
    if (who.listed()) {
      known.json().put("proxy", who.name());
    }
    String by = who.listed() ? Table.plain(who.name()) + "\n" : "";
    telling.tell(known.json(), () -> by + known.text());
  }

  /** Each sentence once, with who says it. */
  private static String told(Map<String, List<String>> refusals) {
    return refusals.entrySet().stream()
        .map(
            one -> {
              List<String> who = one.getValue();
              int more = who.size() - MOST_NAMES;
              return String.join(", ", who.subList(0, Math.min(MOST_NAMES, who.size())))
                  + (more > 0 ? " and " + more + " more" : "")
                  + ": "
                  + one.getKey();
            })
        .collect(Collectors.joining("; "));
  }

  /**
   * What one proxy knows.
   *
   * @param refusal why that is nothing
   */
  private record Known(JsonObject json, String text, Optional<String> refusal) {

    private static Known of(AdminPort port, String query) throws InterruptedException {
      try {
        JsonObject json = port.json(query);
        return new Known(json, port.text(query + "&output=text").strip(), Optional.empty());
      } catch (IllegalArgumentException | IOException e) { // another one may know it
        return new Known(new JsonObject(), "", Optional.of(String.valueOf(e.getMessage())));
      }
    }
  }

  private String ofLine(Path file) throws IOException {
    JsonObject line = line(file);
    JsonObject needed = new JsonObject();
    NEEDED.stream()
        .filter(line::containsKey)
        .forEach(name -> needed.put(name, line.getValue(name)));
    StringBuilder query =
        new StringBuilder("/why?line=").append(AdminPort.encoded(needed.encode()));
    for (String header : headers) {
      if (header.indexOf(':') < 1) {
        throw new ParameterException(
            Objects.requireNonNull(spec).commandLine(),
            "-H '" + header + "' (expected: 'NAME: VALUE')");
      }
      query.append("&header=").append(AdminPort.encoded(header));
    }
    if (query.length() > MOST) {
      throw new IOException(
          "the line of request "
              + id
              + " takes "
              + query.length()
              + " characters (at most: "
              + MOST
              + ")");
    }
    return query.toString();
  }

  private JsonObject line(Path file) throws IOException {
    String wanted = "\"request_id\":\"" + id + "\"";
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      String last =
          lines
              .filter(line -> line.contains(wanted))
              .reduce((before, after) -> after)
              .orElseThrow(() -> new IOException(file + " has no line of JSON of request " + id));
      return new JsonObject(last);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + " may not be read", e);
    } catch (UncheckedIOException e) {
      String why = Objects.requireNonNull(e.getCause()).getMessage();
      throw new IOException(file + " cannot be read: " + why, e);
    } catch (DecodeException e) {
      throw new IOException(file + ": the line of request " + id + " is no JSON", e);
    }
  }
}
