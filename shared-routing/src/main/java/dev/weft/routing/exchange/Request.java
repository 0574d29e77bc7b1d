package dev.weft.routing.exchange;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;

/**
 * A request on its way: what came in, and what goes out as stages change it.
 *
 * <p>The outgoing headers begin as a copy of the incoming ones without the hop-by-hop ones (RFC
 * 9110 section 7.6.1) and without {@code Host}; {@link #target} and {@link #authority} begin as
 * they came.
 */
public final class Request {

  /**
   * Tells a proxy of the mesh that a request, which it gets in HTTP/2, is one of another version.
   */
  public static final CharSequence CAME_AS = HttpHeaders.createOptimized("x-weft-http");

  /** The version that it may name. */
  public static final CharSequence HTTP_1_1 = HttpHeaders.createOptimized("1.1");

  /**
   * Asks for an explanation of what becomes of a request, and is the name of the answer's header
   * that has it. Goes no further than to proxies of the mesh, from one that explains.
   */
  public static final CharSequence EXPLAIN = HttpHeaders.createOptimized("x-weft-explain");

  private RequestHead head;
  private final HttpVersion version;
  private final boolean upgrade;
  private final RequestBody body;
  private final MultiMap headers;
  private String target;
  private String authority;

  /**
   * @param head as it came
   * @param version as it came, or as it came to the proxy that carried it here
   * @param upgrade whether the caller asks for a WebSocket (RFC 6455)
   * @param headers to go out; changed in place by stages
   */
  public Request(
      RequestHead head, HttpVersion version, boolean upgrade, RequestBody body, MultiMap headers) {
    this.head = head;
    this.version = version;
    this.upgrade = upgrade;
    this.body = body;
    this.headers = headers;
    this.target = head.target();
    this.authority = head.authority();
  }

  /**
   * Says as what it counts from now on, before anything is decided: without a token that stays here
   * and without what its caller may not say.
   */
  public void replace(RequestHead other) {
    this.head = other;
    this.target = other.target();
  }

  /** As it came, or as it was {@link #replace replaced}. */
  public RequestHead head() {
    return head;
  }

  public HttpVersion version() {
    return version;
  }

  public boolean upgrade() {
    return upgrade;
  }

  public RequestBody body() {
    return body;
  }

  /** What goes out, to be changed in place. */
  public MultiMap headers() {
    return headers;
  }

  /** Path and query that go out. */
  public String target() {
    return target;
  }

  /** {@code Host} or {@code :authority} that goes out. */
  public String authority() {
    return authority;
  }

  /** Sets what goes out after a rewrite. */
  public void rewrite(String newTarget, String newAuthority) {
    this.target = newTarget;
    this.authority = newAuthority;
  }
}
