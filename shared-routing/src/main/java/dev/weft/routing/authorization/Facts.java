package dev.weft.routing.authorization;

import dev.weft.config.model.security.IpBlock;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.token.Token;
import dev.weft.routing.route.match.Authorities;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one decision is made from; what costs something is made when it is first asked for. Lives as
 * long as the decision, on its thread.
 */
final class Facts {

  private static final String SPIFFE = "spiffe://";

  private final RequestHead head;
  private final MultiMap sent;
  private final Caller caller;
  private final int port;
  private String path;
  private String method;
  private @Nullable String host;
  private @Nullable String principal;
  private @Nullable Address source;
  private @Nullable Address remote;

  /**
   * @param sent headers as they go on
   * @param port of the workload
   */
  Facts(RequestHead head, MultiMap sent, Caller caller, int port) {
    this.head = head;
    this.sent = sent;
    this.caller = caller;
    this.port = port;
    this.path = head.path();
    this.method = head.method();
  }

  /** From now on the path is read so. */
  void read(String reading) {
    path = reading;
  }

  /** The path before any reading. */
  String asCame() {
    return head.path();
  }

  String path() {
    return path;
  }

  String method() {
    return method;
  }

  /** From now on the method is in upper case; {@code false} where it was before. */
  boolean shout() {
    String upper = method.toUpperCase(Locale.ROOT);
    boolean other = !upper.equals(method);
    method = upper;
    return other;
  }

  String scheme() {
    return head.scheme();
  }

  Token token() {
    return caller.token();
  }

  int port() {
    return port;
  }

  /** In lower case, without the dot of a full name, with its port where it has one. */
  String authority() {
    String bare = Authorities.host(head.authority());
    return host() + Authorities.lower(head.authority().substring(bare.length()));
  }

  /** In lower case, without port and without the dot of a full name. */
  String host() {
    String known = host;
    if (known == null) {
      known = Authorities.named(Authorities.host(head.authority()));
      host = known;
    }
    return known;
  }

  /** The values that go on. */
  List<String> headers(String name) {
    return sent.getAll(name);
  }

  /** The values that came, some of which may stay here. */
  List<String> cameAs(String name) {
    return head.headers().getAll(name);
  }

  /** Without {@code spiffe://}; empty for nobody. */
  String principal() {
    String known = principal;
    if (known == null) {
      String id = caller.principal().orElse("");
      known = id.startsWith(SPIFFE) ? id.substring(SPIFFE.length()) : id;
      principal = known;
    }
    return known;
  }

  String trustDomain() {
    int slash = principal().indexOf('/');
    return slash < 0 ? "" : principal().substring(0, slash);
  }

  String namespace() {
    return caller.namespace().orElse("");
  }

  /** {@code namespace/account}; empty for nobody. */
  String account() {
    String id = principal();
    int slash = id.lastIndexOf('/');
    return slash < 0 || namespace().isEmpty() ? "" : namespace() + id.substring(slash);
  }

  String serverName() {
    return caller.handshake().serverName().orElse("");
  }

  /** The connection's other end. */
  Address source() {
    Address known = source;
    if (known == null) {
      known = Address.of(caller.peer());
      source = known;
    }
    return known;
  }

  /** Whom trusted proxies speak for. */
  Address remote() {
    Address known = remote;
    if (known == null) {
      known = Address.of(caller.address());
      remote = known;
    }
    return known;
  }

  /** Where it came in. */
  Address destination() {
    return Address.of(caller.localAddress());
  }

  /**
   * An address.
   *
   * @param block empty where the text is none
   */
  record Address(String text, Optional<IpBlock> block) {
    static Address of(String text) {
      return new Address(text, IpBlock.parse(text));
    }
  }
}
