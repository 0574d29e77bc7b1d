package dev.weft.routing.process.lint.connection;

import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.process.lint.cover.Effort;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Shows by a connection, as {@code weft explain} takes it, that a rule for connections does
 * nothing, or sends to nobody: it holds at no gateway, an earlier one takes all that it would, its
 * destination is not there. Whatever is told was explained so. One thread.
 */
public final class ConnectionExamples {

  private static final int MOST = 100; // each is decided by rules that are compiled for it
  private static final Set<String> CODES =
      Set.of(Codes.UNREACHABLE, Codes.UNKNOWN_HOST, Codes.UNKNOWN_PORT, Codes.UNKNOWN_SUBSET);

  private final MeshConfig config;
  private int told;

  /** Of a configuration. */
  public ConnectionExamples(MeshConfig config) {
    this.config = config;
  }

  /**
   * What a match asks for.
   *
   * @param rule its name
   */
  private record Asking(VirtualService service, String kind, String rule, ConnectionMatch match) {

    /** Whether a connection that goes by a rule shows a problem of this one. */
    boolean shown(Problem problem, String by) {
      boolean taken = problem.code().equals(Codes.UNREACHABLE);
      String service = rule.substring(0, rule.indexOf('[') + 1);
      return by.equals(rule) ? !taken : taken && by.startsWith(service);
    }
  }

  /**
   * One that a VirtualService without rules for HTTP asks for at its gateways, and what becomes of
   * it; empty after so many.
   */
  public Optional<String> nowhere(VirtualService service) {
    if (told++ >= MOST) {
      return Optional.empty();
    }
    String kind = service.tls().isEmpty() ? "tcp" : "tls";
    List<ConnectionRoute> rules = service.tls().isEmpty() ? service.tcp() : service.tls();
    ConnectionMatch match =
        rules.stream()
            .flatMap(rule -> rule.matches().stream())
            .findFirst()
            .orElse(ConnectionMatch.ANY);
    return ConnectionQuestions.atGateways(config, kind, match)
        .findFirst()
        .map(one -> one.becomes());
  }

  /**
   * Proves what the loader told of rules that others take all connections of, and of destinations
   * that are not there.
   *
   * @param proved told with its proof
   */
  public void prove(List<Problem> known, Effort effort, BiConsumer<Problem, String> proved) {
    List<Problem> concerned =
        known.stream()
            .filter(one -> CODES.contains(one.code()))
            .filter(one -> one.path().startsWith("spec.tls") || one.path().startsWith("spec.tcp"))
            .limit(MOST)
            .toList();
    Map<Place, Asking> all = concerned.isEmpty() ? Map.of() : asking();
    for (Problem problem : concerned) {
      Asking asking = effort.over() ? null : all.get(problem.place());
      if (asking != null) {
        ConnectionQuestions.of(config, asking.service, asking.kind, asking.match)
            .filter(one -> asking.shown(problem, one.route()))
            .findFirst()
            .ifPresent(one -> proved.accept(problem, one.becomes()));
      }
    }
  }

  private Map<Place, Asking> asking() {
    Map<Place, Asking> all = new HashMap<>();
    for (VirtualService service : config.virtualServices()) {
      put(all, service, "tls", service.tls());
      put(all, service, "tcp", service.tcp());
    }
    return all;
  }

  private static void put(
      Map<Place, Asking> all, VirtualService service, String kind, List<ConnectionRoute> rules) {
    for (int i = 0; i < rules.size(); i++) {
      String name = service.ruleName(kind, i);
      List<ConnectionMatch> matches = rules.get(i).matches();
      matches.forEach(match -> all.put(match.place(), new Asking(service, kind, name, match)));
      ConnectionMatch first = matches.isEmpty() ? ConnectionMatch.ANY : matches.get(0);
      Asking any = new Asking(service, kind, name, first);
      all.put(rules.get(i).place(), any);
      List<WeightedDestination> to = rules.get(i).destinations();
      to.stream()
          .filter(one -> one.weight() > 0 || to.size() == 1)
          .forEach(one -> all.putIfAbsent(one.destination().place(), any));
    }
  }
}
