package dev.weft.routing.listener;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.PeerWorkload;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.exchange.body.ReplayableBody;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.listener.Refusals.Reason;
import dev.weft.routing.listener.StandingStreams.Standing;
import dev.weft.routing.listener.connection.Callers;
import dev.weft.routing.listener.connection.OpenConnection;
import dev.weft.routing.listener.connection.OpenConnections;
import dev.weft.routing.listener.connection.RevokedPeers;
import dev.weft.routing.listener.http1.Unreadable;
import dev.weft.routing.transport.HopByHop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.streams.ReadStream;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Makes an exchange of each request, has it served, and writes the answer. One for each loop. */
final class HttpEntry {

  private static final Set<Cause> UNFINISHED =
      EnumSet.of(Cause.BAD_REQUEST, Cause.REQUEST_TIMEOUT, Cause.STREAM_IDLE, Cause.BODY_TOO_LARGE);
  private static final long NO_ERROR = 0; // RFC 9113 section 7
  private ListenerSettings settings;
  private final ServerTls tls;
  private final Refusals refusals;
  private final Service service;
  private final Loop loop;
  private final SplittableRandom random;
  private final OpenConnections connections;
  private final StandingStreams standing;
  private final RevokedPeers revoked = new RevokedPeers(HandedOverHttp::cut);
  private int inFlight;
  private boolean draining;

  HttpEntry(
      ListenerSettings settings,
      ServerTls tls,
      Refusals refusals,
      Service service,
      Loop loop,
      SplittableRandom random) {
    this.settings = settings;
    this.tls = tls;
    this.refusals = refusals;
    this.service = service;
    this.loop = loop;
    this.random = random;
    this.connections =
        new OpenConnections(settings.idleTimeout(), loop.ticker(), HandedOverHttp::cut);
    this.standing = new StandingStreams(settings.requestBodyIdle(), settings.streamIdle());
  }

  /** From now on these limits hold. */
  void limits(ListenerSettings wanted) {
    settings = wanted;
    connections.idle(wanted.idleTimeout());
    standing.times(wanted.requestBodyIdle(), wanted.streamIdle());
  }

  /** From now on each answer is the last of its connection; a GOAWAY refuses nothing yet. */
  void drain() {
    draining = true;
    connections.each(HttpEntry::leaves);
  }

  private static void leaves(HttpConnection connection, OpenConnection open) {
    if (HandedOverHttp.multiplexed(connection) && open.leaves()) {
      connection.goAway(NO_ERROR, Integer.MAX_VALUE); // RFC 9113 section 6.8: the first of two
    }
  }

  /** Ends what stands still; to be called about once a second. */
  void look() {
    connections.look();
    revoked.look(tls.revoked(), connections);
    standing.look(loop.ticker().nanos());
  }

  int inFlight() {
    return inFlight;
  }

  /** A connection is there; whom its certificate names is settled once. */
  void connected(HttpConnection connection) {
    SocketAddress remote = connection.remoteAddress();
    int port = connection.localAddress().port();
    String local = connection.localAddress().host();
    Caller caller =
        Caller.anonymous(remote.host(), remote.port(), port, connection.isSsl()).to(local);
    if (connection.isSsl() && settings.role() == ListenerSettings.Role.MESH_INBOUND) {
      Optional<PeerIdentity> peer = peer(connection);
      if (peer.isEmpty()) {
        refusals.connection(Reason.IDENTITY, remote, port, "");
        connection.close();
        return;
      }
      caller = Callers.inside(caller, HandedOverHttp.handshake(connection), peer.get());
    }
    if (connection.isSsl() && settings.role() == ListenerSettings.Role.EDGE) {
      if (RevokedPeers.isRevoked(connection, tls.revoked())) {
        refusals.connection(Reason.REVOKED, remote, port, "");
        connection.close();
        return;
      }
      caller =
          Callers.outside(
              caller, HandedOverHttp.handshake(connection), HandedOverHttp.shown(connection));
    }
    HandedOverHttp.open(connection, settings.role());
    Caller known = HandedOverHttp.meant(connection).map(caller::meaning).orElse(caller);
    HandedOverHttp.bodies(
        connection, connections.opened(connection, known, HandedOverHttp.callerEnd(connection)));
    connection.exceptionHandler(broken -> broken(connection, broken));
  }

  private void broken(HttpConnection connection, Throwable broken) {
    if (broken instanceof Http2Exception fault
        && !Http2Exception.isStreamError(fault)
        && HandedOverHttp.over(connection)) {
      boolean calms = fault.error() == Http2Error.ENHANCE_YOUR_CALM;
      Reason why = calms ? Reason.FLOOD : Reason.PROTOCOL;
      int port = connection.localAddress().port();
      refusals.connection(why, connection.remoteAddress(), port, ": " + fault.getMessage());
    }
  }

  private Optional<PeerIdentity> peer(HttpConnection connection) {
    try {
      return tls.identify(connection.peerCertificates());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  void handle(HttpServerRequest incoming) {
    OpenConnection open = connections.of(incoming.connection());
    if (open == null || open.over()) { // nothing counts that comes after the last answer
      incoming.connection().close();
      return;
    }
    if (overtaken(open.caller())) {
      refusals.count(Reason.PLAINTEXT, incoming.remoteAddress(), " since it was opened");
      incoming.connection().close();
      return;
    }
    introduced(incoming, open);
    incoming.pause();
    Optional<RequestHead> head = RequestHeads.of(incoming, settings.path());
    if (head.isEmpty()) {
      refuse(incoming, "no path or host that could be meant");
      return;
    }
    if (!RequestHeads.offered(incoming.method(), settings.role())) {
      refuse(incoming, incoming.method() + " is not offered");
      return;
    }
    if (RequestHeads.closesAmongOthers(incoming.headers())) {
      last(incoming);
    }
    serve(incoming, head.get(), open);
  }

  /** Whether plaintext was taken when the connection was opened and is not any more. */
  private boolean overtaken(Caller caller) {
    return settings.role() == ListenerSettings.Role.MESH_INBOUND
        && !caller.tls()
        && !caller.destination().map(to -> tls.at(to.getPort())).orElse(tls).takesPlaintext();
  }

  /** Inside the mesh a connection's first request tells whose it is. */
  private void introduced(HttpServerRequest incoming, OpenConnection open) {
    Caller caller = open.caller();
    if (settings.role() != ListenerSettings.Role.MESH_INBOUND
        || caller.principal().isEmpty()
        || caller.workload().isPresent()) {
      return;
    }
    String told = incoming.headers().get(PeerWorkload.HEADER);
    Optional<PeerWorkload> workload = told == null ? Optional.empty() : PeerWorkload.parse(told);
    workload.ifPresent(known -> open.introduced(caller.introduced(known)));
  }

  private void refuse(HttpServerRequest incoming, String why) {
    refuse(incoming, RequestHeads.unmeant(incoming), new ProxyFailure(Cause.BAD_REQUEST, why));
  }

  /** What Vert.x could not read: nothing of it is believed. */
  void invalid(HttpServerRequest incoming) {
    ProxyFailure failure = Unreadable.failure(incoming.decoderResult());
    refuse(incoming, RequestHeads.unread(incoming), failure);
    ResponseWriter.unread(incoming);
  }

  /** Nothing more is taken on a connection of HTTP/1, which ends with this answer. */
  private void last(HttpServerRequest incoming) {
    OpenConnection open = connections.of(incoming.connection());
    if (open != null && incoming.version() != HttpVersion.HTTP_2) {
      open.last();
      ResponseWriter.last(incoming);
    }
  }

  private void refuse(HttpServerRequest incoming, RequestHead head, ProxyFailure failure) {
    OpenConnection open = connections.of(incoming.connection());
    Caller caller = open == null ? RequestHeads.stranger(incoming) : open.caller();
    boolean inside = settings.role() == ListenerSettings.Role.MESH_INBOUND;
    refusals.request(caller, head, incoming.version(), failure, inside);
    last(incoming);
    FailureAnswer.write(incoming, failure, settings.role());
  }

  private void serve(HttpServerRequest incoming, RequestHead head, OpenConnection open) {
    Caller caller = open.caller();
    MultiMap headers;
    try {
      RequestHeads.bounded(incoming, settings.urlBytes());
      headers =
          IncomingHeaders.outgoing(incoming.headers(), settings, caller, head.scheme(), random);
    } catch (ProxyFailure tooMuch) {
      refuse(incoming, RequestHeads.unmeant(incoming), tooMuch);
      return;
    } catch (IllegalArgumentException e) {
      refuse(incoming, "a header that could not go on: " + e.getMessage());
      return;
    }
    if (settings.edge().trustedProxies() > 0) {
      caller = Forwarded.caller(incoming.headers(), caller, settings.edge().trustedProxies());
    }
    HttpVersion version = RequestHeads.version(incoming, caller, settings.role());
    Request request =
        new Request(head, version, RequestHeads.upgrade(incoming), body(incoming), headers);
    Exchange exchange = new Exchange(request, caller, loop, random.nextLong());
    HttpServerResponse out = incoming.response();
    inFlight++;
    loop.underWay().began();
    open.began(exchange);
    Standing still = standing.enter(exchange, out, open);
    if (incoming.version() != HttpVersion.HTTP_1_0) {
      exchange.onHints(hints -> hinted(out, hints));
    }
    out.exceptionHandler(failed -> {}); // the close handler tells of it
    out.closeHandler(closed -> gone(out, exchange));
    open.end().begun(incoming);
    served(exchange)
        .onComplete(
            answer -> {
              if (answer.succeeded()) {
                answer(incoming, exchange, still, answer.result());
              } else {
                failed(incoming, exchange, still, answer.cause());
              }
            });
  }

  /** A fault of ours is an answer too. */
  private Future<Response> served(Exchange exchange) {
    try {
      return service.serve(exchange);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** What the service says before its answer: early hints (RFC 8297). */
  private static void hinted(HttpServerResponse out, MultiMap hints) {
    if (!out.headWritten() && !out.closed()) {
      MultiMap given = HttpHeaders.headers();
      HopByHop.copy(hints, given);
      MultiMap headers = HttpHeaders.headers(); // HTTP/2 takes no other names
      given.forEach((name, value) -> headers.add(name.toLowerCase(Locale.ROOT), value));
      out.writeEarlyHints(headers);
    }
  }

  /** On HTTP/2 a stream closes after a whole answer too. */
  private static void gone(HttpServerResponse out, Exchange exchange) {
    if (out.ended()) {
      return;
    }
    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "the caller went away"));
  }

  /**
   * Nothing more is taken on a connection whose caller would send its body after a 100 that nobody
   * asked for (RFC 9110 section 10.1.1), nor while this listener drains.
   */
  private void lastIfSo(HttpServerRequest incoming, Exchange exchange) {
    boolean pending =
        exchange.request().body().untouched()
            && incoming.headers().contains(HttpHeaderNames.EXPECT);
    if (pending || draining) {
      last(incoming);
    }
    OpenConnection open = draining ? connections.of(incoming.connection()) : null;
    if (open != null) {
      leaves(incoming.connection(), open); // opened since, and of use to its caller by now
    }
  }

  private void answer(
      HttpServerRequest incoming, Exchange exchange, Standing still, Response response) {
    response.ended().onComplete(end -> left(still));
    lastIfSo(incoming, exchange);
    if (incoming.response().closed()) {
      response.cancel();
      return;
    }
    if (response.tunnel().isPresent()) {
      still.leave(); // it may be silent for as long as a connection may
      HandedOverHttp.closeWhenIdle(incoming.connection(), settings.idleTimeout());
    }
    still.answered(ResponseWriter.write(incoming, response, settings.role()));
    response.ended().onComplete(end -> exchange.request().body().discard());
  }

  private void left(Standing still) {
    inFlight--;
    loop.underWay().ended();
    still.leave();
    still.exchange().request().body().forget();
    still.connection().ended();
  }

  private void failed(
      HttpServerRequest incoming, Exchange exchange, Standing still, Throwable cause) {
    left(still);
    if (incoming.response().closed()) {
      return;
    }
    ProxyFailure failure =
        cause instanceof ProxyFailure known
            ? known
            : new ProxyFailure(Cause.INTERNAL, String.valueOf(cause));
    boolean http2 = incoming.version() == HttpVersion.HTTP_2;
    if (http2 && failure.reason() == Cause.CLIENT_GONE) {
      ResponseWriter.unread(incoming);
      return; // a write to a connection that breaks tells all of its streams again, within this one
    }
    lastIfSo(incoming, exchange);
    RequestBody body = exchange.request().body();
    boolean cutOff = body.length().orElse(0) - body.received() > ReplayableBody.DISCARDED;
    if (cutOff || UNFINISHED.contains(failure.reason())) {
      last(incoming); // the rest of its body does not come, or is not taken
    }
    RequestHead head = exchange.request().head();
    Future<Void> sent = FailureAnswer.write(incoming, head, failure, settings.role());
    if (http2) {
      sent.onSuccess(all -> ResponseWriter.unread(incoming));
    }
    body.discard();
  }

  private RequestBody body(HttpServerRequest incoming) {
    MultiMap headers = incoming.headers();
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    if (!RequestHeads.some(incoming, length)) {
      incoming.resume();
      return new NoBody();
    }
    OptionalLong announced =
        length == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(length));
    boolean waits =
        incoming.version() != HttpVersion.HTTP_1_0
            && "100-continue".equalsIgnoreCase(headers.get(HttpHeaderNames.EXPECT));
    Runnable wanted = waits ? () -> incoming.response().writeContinue() : () -> {};
    ReadStream<Buffer> source = HandedOverHttp.body(incoming);
    boolean held = incoming.version() == HttpVersion.HTTP_2; // by its window
    Runnable tooMuch = held ? () -> {} : () -> ResponseWriter.unread(incoming);
    return new ReplayableBody(source, announced, settings.replayBytes(), wanted, tooMuch);
  }
}
