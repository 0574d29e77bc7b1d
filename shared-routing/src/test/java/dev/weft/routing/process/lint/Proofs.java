package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.LoadResult;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Problem;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks an explanation of the requests and connections that findings end with. */
final class Proofs {

  private static final Pattern REQUEST =
      Pattern.compile(
          "e\\.g\\. (\\S+) (\\S+?)(?=:?(?: |$))((?: -H '[^']*')*)(?: --sni (\\S+))?( --gateway)?"
              + "(?: --from (\\w+)/\\w+)?(?: --labels ([^\\s:;]+))?");
  private static final Pattern HEADER = Pattern.compile(" -H '([^:]+): ([^']*)'");
  private static final Pattern GOES =
      Pattern.compile(" goes to (\\S+)(?: \\((\\S+)\\))?(?: by another gateway alone)?");
  private static final Map<String, String> REFUSALS =
      Map.of(
          " gets 404", "404,",
          " gets 421", "421,",
          " is refused in its handshake", "the handshake is refused",
          " is passed on as it is", "its connection is passed on as it is",
          " comes to no rule: ", "",
          " is reset", "reset");
  private static final Pattern TAKER =
      Pattern.compile("(?:^|: )(\\S+) \\(\\S+\\) takes (?:them|some of its requests)[;,]");

  /**
   * Asks it.
   *
   * @return whether there is something to ask
   */
  static boolean hold(LoadResult loaded, Problem problem) {
    Matcher request = REQUEST.matcher(problem.message());
    if (!request.find() || problem.message().contains(" --from-ip ")) {
      return false;
    }
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    Matcher header = HEADER.matcher(request.group(3));
    while (header.find()) {
      headers.add(Map.entry(header.group(1), header.group(2)));
    }
    Question question =
        new Question(
            request.group(1), request.group(2), headers, Optional.ofNullable(request.group(4)));
    Explainer explainer = explainer(loaded, request.group(6), request.group(7));
    Optional<Explanation> told =
        request.group(5) == null
            ? Optional.of(explainer.inMesh(question))
            : explainer.atGateway(question);
    String said = problem.message().substring(request.end());
    if (said.startsWith(" finds no ")) {
      assertThat(told).isEmpty();
      return true;
    }
    assertThat(told).as("a server").isPresent();
    becomes(said, told.orElseThrow());
    takes(loaded, problem, told.orElseThrow().json().getString("route"));
    return true;
  }

  private static Explainer explainer(
      LoadResult loaded, @Nullable String namespace, @Nullable String labels) {
    Map<String, String> own = new HashMap<>();
    for (String label : labels == null ? new String[0] : labels.split(",", -1)) {
      own.put(label.substring(0, label.indexOf('=')), label.substring(label.indexOf('=') + 1));
    }
    Workload workload =
        new Workload(namespace == null ? "default" : namespace, "default", "cluster.local", own);
    return new Explainer(loaded.config(), workload, Map.of(), Unknown.ALLOW_ANY);
  }

  /** Whether it is as the end of the message says. */
  private static void becomes(String said, Explanation told) {
    JsonObject json = told.json();
    String route = json.getString("route");
    Matcher goes = GOES.matcher(said);
    if (goes.lookingAt()) {
      assertThat(route).as(told.text()).isEqualTo(goes.group(1));
      if (goes.group(2) != null) {
        assertThat(chosen(json.getJsonArray("tried"))).isEqualTo(goes.group(2));
      }
    } else if (said.startsWith(" is redirected to ")) {
      assertThat(route).isEqualTo("httpsRedirect");
      assertThat(said).isEqualTo(" is redirected to " + json.getString("redirect"));
    } else if (!refused(said, told)
        && !said.startsWith(" fails in its caller")
        && !said.startsWith(" without TLS is ")) {
      assertThat(route).as(told.text()).isNotIn("-", "httpsRedirect");
    }
  }

  private static boolean refused(String said, Explanation told) {
    Optional<String> why =
        REFUSALS.keySet().stream().filter(said::startsWith).findFirst().map(REFUSALS::get);
    why.ifPresent(
        text -> {
          assertThat(told.json().getString("route")).as(told.text()).isEqualTo("-");
          assertThat(told.json().getString("why")).startsWith(text);
          if (text.endsWith(",")) {
            assertThat(told.json().getInteger("status") + ",").isEqualTo(text);
          }
        });
    return why.isPresent();
  }

  /** The places of the match that took a request, and of its rule. */
  static List<String> taker(LoadResult loaded, Explanation told) {
    List<String> places = new ArrayList<>(1);
    places.add(chosen(told.json().getJsonArray("tried")));
    loaded.config().virtualServices().stream()
        .flatMap(service -> named(service, told.json().getString("route")))
        .forEach(rule -> places.add(rule.place().toString()));
    return places;
  }

  private static String chosen(JsonArray tried) {
    return tried.stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getBoolean("chosen"))
        .map(one -> one.getString("place"))
        .findFirst()
        .orElse("");
  }

  /** Whether the rule takes it that the message says it of. */
  private static void takes(LoadResult loaded, Problem problem, String route) {
    Matcher taker = TAKER.matcher(problem.message());
    if (taker.find()) {
      assertThat(route).isEqualTo(taker.group(1));
      return;
    }
    boolean own =
        List.of("WF138", "WF139", "WF140", "WF141", "WF120", "WF121", "WF132")
                .contains(problem.code())
            && problem.path().startsWith("spec.http");
    if (own) {
      List<String> places =
          loaded.config().virtualServices().stream()
              .flatMap(service -> named(service, route))
              .flatMap(Proofs::places)
              .toList();
      assertThat(places).as("of %s", route).contains(problem.place().toString());
    }
  }

  private static Stream<HttpRoute> named(VirtualService service, String route) {
    return Stream.iterate(0, i -> i < service.http().size(), i -> i + 1)
        .filter(i -> service.ruleName(i).equals(route))
        .map(service.http()::get);
  }

  private static Stream<String> places(HttpRoute rule) {
    Stream<HttpAction.WeightedDestination> to =
        rule.action() instanceof HttpAction.Route action
            ? action.destinations().stream()
            : Stream.of();
    return Stream.of(
            Stream.of(rule.place()),
            to.map(one -> one.destination().place()),
            rule.mirrors().stream().map(one -> one.destination().place()))
        .flatMap(all -> all)
        .map(String::valueOf);
  }

  private Proofs() {}
}
