package dev.weft.routing.discovery.standing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a proxy stands beside the version that it serves: what does not work, and which ports its
 * Gateways have. Goes with each acknowledgement, and again when it changes. Whatever was read is
 * bounded and plain: at most {@value #MOST_TROUBLES} troubles and {@value #MOST_GATEWAYS} Gateways,
 * no text with anything that cannot be seen. Who tells is believed as far as its identity goes and
 * no further; that is for the reader to see to.
 *
 * @param kind what it is, in one word; empty where nothing is known
 * @param about what it says of its process
 */
public record Standing(String kind, About about, List<Trouble> troubles, List<Ports> gateways) {

  private static final List<String> KINDS = List.of("", "gateway", "sidecar");

  /** Of a proxy that said nothing. */
  public static final Standing NONE = new Standing("", List.of(), List.of());

  /** That are told. */
  public static final int MOST_TROUBLES = 20;

  /** That are told. */
  public static final int MOST_GATEWAYS = 40;

  private static final int MOST_PORTS = 24; // of one Gateway
  private static final int LONGEST_LABEL = 63; // a namespace is one
  private static final int LONGEST_NAME = 253;
  private static final int LONGEST_WORDS = 300;
  private static final int HIGHEST_PORT = 65_535;

  public Standing {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException("kind: (expected: gateway or sidecar)");
    }
    troubles = first(troubles, MOST_TROUBLES);
    gateways = first(gateways, MOST_GATEWAYS);
  }

  /** Of one that says nothing of its process. */
  public Standing(String kind, List<Trouble> troubles, List<Ports> gateways) {
    this(kind, About.NONE, troubles, gateways);
  }

  /**
   * What a process says of itself.
   *
   * @param weft version of Weft; empty where it is not known
   * @param adminPort where the control plane may ask it over mTLS; 0 for nowhere
   * @param certified since and until when its newest certificate holds, which it may have renewed
   *     since it connected; empty where it does not say
   */
  public record About(String weft, int adminPort, Optional<Certified> certified) {

    /** Nothing. */
    public static final About NONE = new About("", 0, Optional.empty());

    public About {
      weft = PlainLine.of(weft, LONGEST_LABEL);
      checked(adminPort);
    }

    /** Adds what is known to {@code told}. */
    private JsonObject on(JsonObject told) {
      if (!weft.isEmpty()) {
        told.put("weft", weft);
      }
      if (adminPort > 0) {
        told.put("adminPort", adminPort);
      }
      certified.ifPresent(one -> told.put("certificate", one.json()));
      return told;
    }

    private static About read(JsonObject told) {
      return new About(
          told.getString("weft", ""),
          told.getInteger("adminPort", 0),
          Optional.ofNullable(told.getJsonObject("certificate")).map(Certified::read));
    }

    /** Here, since {@link #NONE} must be there before {@link Standing#NONE} is made of it. */
    private static void checked(int port) {
      if (port < 0 || port > HIGHEST_PORT) {
        throw new IllegalArgumentException(
            "port: " + port + " (expected: 0 to " + HIGHEST_PORT + ")");
      }
    }
  }

  /** From when to when a certificate holds, in seconds since 1970. */
  public record Certified(long notBefore, long notAfter) {

    public static Certified of(X509Certificate leaf) {
      return new Certified(
          leaf.getNotBefore().toInstant().getEpochSecond(),
          leaf.getNotAfter().toInstant().getEpochSecond());
    }

    /** For {@code certificate} of whoever tells it. */
    public JsonObject json() {
      return new JsonObject().put("notBefore", notBefore).put("notAfter", notAfter);
    }

    private static Certified read(JsonObject told) {
      return new Certified(told.getLong("notBefore", 0L), told.getLong("notAfter", 0L));
    }
  }

  /**
   * Something that does not work.
   *
   * @param kind of the resource, e.g. {@code Gateway}, or {@code Listener} for what no resource is
   *     behind
   * @param namespace empty where no resource is behind it
   * @param port 0 where it is about none
   * @param words that go on after the resource's name, e.g. {@code cannot listen on 0.0.0.0:80:
   *     ...}
   */
  public record Trouble(String kind, String namespace, String name, int port, String words) {

    public Trouble {
      kind = PlainLine.of(kind, LONGEST_LABEL);
      namespace = PlainLine.of(namespace, LONGEST_LABEL);
      name = PlainLine.of(name, LONGEST_NAME);
      About.checked(port);
      words = PlainLine.of(words, LONGEST_WORDS);
    }

    JsonObject json() {
      return new JsonObject()
          .put("kind", kind)
          .put("namespace", namespace)
          .put("name", name)
          .put("port", port)
          .put("words", words);
    }

    private static Trouble read(JsonObject told) {
      return new Trouble(
          told.getString("kind", ""),
          told.getString("namespace", ""),
          told.getString("name", ""),
          told.getInteger("port", 0),
          told.getString("words", ""));
    }

    /** A sentence, e.g. {@code Gateway edge/web cannot listen on 0.0.0.0:80: ...}. */
    @Override
    public String toString() {
      return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name + " " + words;
    }
  }

  /**
   * The ports of a Gateway.
   *
   * @param listening those that take connections
   * @param waiting those that do not, and are tried again
   */
  public record Ports(
      String namespace, String name, List<Integer> listening, List<Integer> waiting) {

    public Ports {
      namespace = PlainLine.of(namespace, LONGEST_LABEL);
      name = PlainLine.of(name, LONGEST_NAME);
      listening = first(listening, MOST_PORTS);
      waiting = first(waiting, MOST_PORTS);
      listening.forEach(About::checked);
      waiting.forEach(About::checked);
    }

    JsonObject json() {
      return new JsonObject()
          .put("namespace", namespace)
          .put("name", name)
          .put("listening", new JsonArray(listening))
          .put("waiting", new JsonArray(waiting));
    }

    private static Ports read(JsonObject told) {
      return new Ports(
          told.getString("namespace", ""),
          told.getString("name", ""),
          numbers(told.getJsonArray("listening", new JsonArray())),
          numbers(told.getJsonArray("waiting", new JsonArray())));
    }

    private static List<Integer> numbers(JsonArray told) {
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < Math.min(told.size(), MOST_PORTS); i++) {
        all.add(told.getInteger(i));
      }
      return all;
    }
  }

  /** To be added to an acknowledgement. */
  public JsonObject json() {
    JsonArray problems = new JsonArray();
    troubles.forEach(one -> problems.add(one.json()));
    JsonArray each = new JsonArray();
    gateways.forEach(one -> each.add(one.json()));
    return about.on(
        new JsonObject().put("kind", kind).put("problems", problems).put("gateways", each));
  }

  /**
   * From what anybody may have written; what is too much is left out.
   *
   * @throws IllegalArgumentException where it is of another form
   */
  public static Standing read(JsonObject told) {
    try {
      return new Standing(
          told.getString("kind", ""),
          About.read(told),
          each(told.getJsonArray("problems", new JsonArray()), MOST_TROUBLES, Trouble::read),
          each(told.getJsonArray("gateways", new JsonArray()), MOST_GATEWAYS, Ports::read));
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("standing: it is of another form", e);
    }
  }

  private static <T> List<T> each(JsonArray told, int most, Function<JsonObject, T> read) {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < Math.min(told.size(), most); i++) {
      all.add(read.apply(told.getJsonObject(i)));
    }
    return all;
  }

  private static <T> List<T> first(List<T> all, int most) {
    return List.copyOf(all.subList(0, Math.min(all.size(), most)));
  }
}
