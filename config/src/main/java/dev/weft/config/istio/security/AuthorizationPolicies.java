package dev.weft.config.istio.security;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.AuthorizationPolicy.Source;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.AuthorizationPolicy.When;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads an AuthorizationPolicy. What would match nothing or everything by mistake is an error: a
 * policy that means something else than it looks like leaves doors open.
 */
public final class AuthorizationPolicies {

  /** The annotation by which a policy only tells what it would do. */
  private static final String DRY_RUN = "istio.io/dry-run";

  private AuthorizationPolicies() {}

  public static AuthorizationPolicy read(Meta meta, Fields spec, Fields annotations) {
    Map<String, String> selector = spec.matchLabels("selector");
    List<Target> targets = Targets.read(meta, spec, selector);
    Action action = spec.word("action", Action.class).orElse(Action.ALLOW);
    Optional<String> provider = provider(spec, action);
    List<Rule> rules = new ArrayList<>();
    for (Fields fields : spec.objects("rules")) {
      rules.add(rule(meta, fields));
    }
    if (rules.isEmpty()) {
      without(spec, action);
    }
    spec.done();
    boolean dryRun = dryRun(annotations);
    if (dryRun && action == Action.CUSTOM) {
      annotations.warning(
          Codes.NOT_HONOURED, DRY_RUN, "a dry run of CUSTOM asks nobody", "it has no effect");
    }
    return new AuthorizationPolicy(meta, selector, targets, action, dryRun, provider, rules);
  }

  private static boolean dryRun(Fields annotations) {
    String said = annotations.text(DRY_RUN, "false");
    if (!said.equals("true") && !said.equals("false")) {
      annotations.unknownValue(DRY_RUN, said, List.of("true", "false"));
    }
    return said.equals("true");
  }

  private static Optional<String> provider(Fields spec, Action action) {
    Optional<Fields> provider = spec.object("provider");
    Optional<String> name =
        provider.map(fields -> fields.required("name", "the external authorizer's name"));
    provider.ifPresent(Fields::done);
    if (action == Action.CUSTOM && provider.isEmpty()) {
      spec.error(
          Codes.MISSING_FIELD,
          "provider",
          "CUSTOM without provider (expected: provider.name)",
          "the name of one of ProxySettings' extensionProviders");
    } else if (action != Action.CUSTOM && provider.isPresent()) {
      spec.error(
          Codes.CONFLICT, "provider", "provider without action CUSTOM", "remove it, or say CUSTOM");
    }
    if (action == Action.AUDIT) {
      spec.warning(
          Codes.NOT_HONOURED,
          "action",
          "AUDIT is not honoured by this version",
          "it has no effect; it never keeps a request away. See the access log");
    }
    return name;
  }

  private static void without(Fields spec, Action action) {
    if (action != Action.ALLOW) {
      spec.error(
          Codes.MISSING_FIELD,
          "rules",
          "no rules: this " + action + " policy would never match (expected: at least one)",
          "rules: [{}] matches every request");
    } else if (spec.has("action") || spec.has("rules")) {
      spec.warning(
          Codes.TRAP,
          "action",
          "an ALLOW policy without rules denies every request",
          "write spec: {} to say so, or rules: [{}] to allow every request");
    }
  }

  private static Rule rule(Meta meta, Fields fields) {
    List<Source> from = new ArrayList<>();
    for (Fields item : some(fields, "from")) {
      inner(item, "source").map(source -> source(meta, source)).ifPresent(from::add);
    }
    List<Operation> to = new ArrayList<>();
    for (Fields item : some(fields, "to")) {
      inner(item, "operation").map(AuthorizationPolicies::operation).ifPresent(to::add);
    }
    List<When> when = new ArrayList<>();
    for (Fields item : some(fields, "when")) {
      Conditions.read(meta, item).ifPresent(when::add);
    }
    fields.done();
    return new Rule(fields.place(), from, to, when);
  }

  /** The mappings of a list that has at least one where it is written at all. */
  private static List<Fields> some(Fields fields, String name) {
    List<Fields> all = fields.objects(name);
    if (all.isEmpty() && fields.has(name)) {
      Words.empty(fields, name);
    }
    return all;
  }

  private static Optional<Fields> inner(Fields item, String name) {
    Optional<Fields> inner = item.object(name).filter(fields -> !fields.empty());
    if (inner.isEmpty()) {
      item.error(
          Codes.MISSING_FIELD, name, name + " says nothing (expected: at least one field)", "");
    }
    item.done();
    return inner;
  }

  private static Source source(Meta meta, Fields fields) {
    Words words = new Words(fields, meta);
    Source source =
        new Source(
            words.read("principals", "notPrincipals", Words.Kind.PRINCIPAL),
            words.read("requestPrincipals", "notRequestPrincipals", Words.Kind.TEXT),
            words.read("namespaces", "notNamespaces", Words.Kind.TEXT),
            words.read("serviceAccounts", "notServiceAccounts", Words.Kind.ACCOUNT),
            words.read("ipBlocks", "notIpBlocks", Words.Kind.ADDRESS),
            words.read("remoteIpBlocks", "notRemoteIpBlocks", Words.Kind.ADDRESS));
    Values accounts = source.serviceAccounts();
    if (accounts.given() && (source.principals().given() || source.namespaces().given())) {
      fields.error(
          Codes.CONFLICT,
          accounts.in().isEmpty() ? "notServiceAccounts" : "serviceAccounts",
          "service accounts beside principals or namespaces",
          "write one of them: an account says its namespace");
    }
    fields.done();
    return source;
  }

  private static Operation operation(Fields fields) {
    Words words = new Words(fields);
    Operation operation =
        new Operation(
            words.read("hosts", "notHosts", Words.Kind.TEXT),
            words.read("ports", "notPorts", Words.Kind.PORT),
            words.read("methods", "notMethods", Words.Kind.METHOD),
            words.read("paths", "notPaths", Words.Kind.PATH));
    fields.done();
    return operation;
  }
}
