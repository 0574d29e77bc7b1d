package dev.weft.config.istio;

import dev.weft.config.istio.route.Destinations;
import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HeaderEdits.Edits;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.Body;
import dev.weft.config.model.HttpAction.Delegate;
import dev.weft.config.model.HttpAction.DirectResponse;
import dev.weft.config.model.HttpAction.Redirect;
import dev.weft.config.model.HttpAction.Route;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads what a rule does: route, redirect, directResponse or delegate; exactly one of them. */
final class HttpActions {

  private static final int LAST_PORT = 65535;
  private static final int MOST_BODY = 1 << 20;
  private static final int MUCH_BODY = 100_000;
  private static final List<Integer> REDIRECTS = List.of(301, 302, 303, 307, 308);

  private final Destinations destinations;
  private final String namespace;

  HttpActions(Destinations destinations, String namespace) {
    this.destinations = destinations;
    this.namespace = namespace;
  }

  HttpAction read(Fields rule) {
    int given = 0;
    for (String name : List.of("route", "redirect", "directResponse", "delegate")) {
      given += rule.has(name) ? 1 : 0;
    }
    if (given != 1) {
      rule.problems()
          .error(
              given == 0 ? Codes.MISSING_FIELD : Codes.CONFLICT,
              rule.place(),
              rule.path(),
              (given == 0 ? "a rule that does nothing" : "a rule with several actions")
                  + " (expected: one of route, redirect, directResponse, delegate)",
              "");
    }
    Optional<HttpAction> other =
        rule.object("redirect")
            .map(this::redirect)
            .or(() -> rule.object("directResponse").map(this::direct))
            .or(() -> rule.object("delegate").map(this::delegate));
    HttpAction route = new Route(destinations.read(rule, HttpActions::headers));
    return other.orElse(route);
  }

  static HeaderEdits headers(Fields parent) {
    Optional<Fields> object = parent.object("headers");
    if (object.isEmpty()) {
      return HeaderEdits.NONE;
    }
    HeaderEdits edits =
        new HeaderEdits(edits(object.get(), "request"), edits(object.get(), "response"));
    object.get().done();
    return edits;
  }

  private static Edits edits(Fields parent, String direction) {
    Optional<Fields> object = parent.object(direction);
    if (object.isEmpty()) {
      return Edits.NONE;
    }
    Fields fields = object.get();
    Edits edits =
        new Edits(
            fields.map("set", Fields::lower),
            fields.map("add", Fields::lower),
            fields.texts("remove").stream().map(Fields::lower).toList());
    fields.done();
    edits.set().forEach((name, value) -> checkEdit(fields, name, value));
    edits.add().forEach((name, value) -> checkEdit(fields, name, value));
    edits.remove().forEach(name -> HttpText.name(fields, name));
    untouched(fields, direction, edits);
    return edits;
  }

  private static void checkEdit(Fields fields, String name, String value) {
    HttpText.name(fields, name);
    HttpText.value(fields, name, value);
  }

  /** Names that no edit reaches; a request's host and authority are rewrites where they are set. */
  private static void untouched(Fields fields, String direction, Edits edits) {
    Set<String> names = new TreeSet<>(edits.remove());
    names.addAll(edits.set().keySet());
    names.addAll(edits.add().keySet());
    for (String name : names) {
      boolean fixed = name.startsWith(":") || name.equals("host");
      boolean rewrite =
          direction.equals("request")
              && HeaderEdits.AUTHORITY.contains(name)
              && !edits.remove().contains(name);
      if (fixed && !rewrite) {
        fields
            .problems()
            .warning(
                Codes.NOT_HONOURED,
                fields.place(),
                fields.path(),
                "'" + name + "' is not touched",
                "a request's authority is rewritten by set: {host: NAME}, its path by rewrite");
      }
    }
  }

  private HttpAction redirect(Fields fields) {
    int code = fields.integer("redirectCode", 300, 399, 301);
    if (!REDIRECTS.contains(code)) {
      fields.error(
          Codes.OUT_OF_RANGE,
          "redirectCode",
          "redirectCode " + code + " (expected: 301, 302, 303, 307 or 308)",
          "");
    }
    Optional<Derive> derive = fields.word("derivePort", Derive.class);
    Redirect redirect =
        new Redirect(
            HttpText.part(fields, "uri"),
            HttpText.part(fields, "prefixRewrite"),
            HttpText.part(fields, "authority"),
            fields.text("scheme"),
            fields.integer("port", 1, LAST_PORT),
            derive.equals(Optional.of(Derive.FROM_REQUEST_PORT)),
            code);
    if (redirect.uri().isPresent() && redirect.prefixRewrite().isPresent()) {
      fields.error(Codes.CONFLICT, "uri", "uri beside prefixRewrite (expected: one)", "");
    }
    redirect
        .scheme()
        .filter(scheme -> !scheme.equals("http") && !scheme.equals("https"))
        .ifPresent(scheme -> fields.unknownValue("scheme", scheme, List.of("http", "https")));
    fields.done();
    boolean moves = redirect.uri().or(redirect::prefixRewrite).or(redirect::authority).isPresent();
    if (!moves && redirect.scheme().isEmpty() && !fields.has("port") && derive.isEmpty()) {
      fields
          .problems()
          .error(
              Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              "redirect says nothing (expected: uri, prefixRewrite, authority, scheme or port)",
              "");
    }
    return redirect;
  }

  private HttpAction direct(Fields fields) {
    int status = fields.integer("status", 200, 599, 200);
    if (!fields.has("status")) {
      fields.error(Codes.MISSING_FIELD, "status", "status is missing (expected: 200 to 599)", "");
    }
    byte[] body = fields.object("body").map(HttpActions::body).orElse(new byte[0]);
    if (body.length >= MOST_BODY) {
      fields.error(Codes.TOO_LARGE, "body", body.length + " bytes (expected: below 1 MiB)", "");
    } else if (body.length > MUCH_BODY) {
      fields.warning(
          Codes.TOO_LARGE,
          "body",
          body.length + " bytes kept in every proxy",
          "serve it elsewhere");
    }
    fields.done();
    return new DirectResponse(status, new Body(body));
  }

  private static byte[] body(Fields fields) {
    byte[] bytes = fields.text("string", "").getBytes(StandardCharsets.UTF_8);
    if (fields.has("bytes")) {
      try {
        bytes = Base64.getDecoder().decode(fields.text("bytes", ""));
      } catch (IllegalArgumentException e) {
        fields.error(Codes.UNKNOWN_VALUE, "bytes", "no base64 (" + e.getMessage() + ")", "");
      }
      if (fields.has("string")) {
        fields.error(Codes.CONFLICT, "bytes", "bytes beside string (expected: one)", "");
      }
    }
    fields.done();
    return bytes;
  }

  private HttpAction delegate(Fields fields) {
    Delegate delegate =
        new Delegate(fields.text("namespace", namespace), fields.required("name", "a name"));
    fields.done();
    return delegate;
  }

  private enum Derive {
    FROM_PROTOCOL_DEFAULT,
    FROM_REQUEST_PORT
  }
}
