package dev.weft.control.stream;

import dev.weft.config.model.MeshConfig;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.Callers.Caller;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.proxies.Peer;
import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import dev.weft.control.stream.TroubledGateways.Teller;
import dev.weft.kubernetes.discovery.PodSeen;
import dev.weft.kubernetes.trust.TokenReviews.Pod;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.certificate.Revocations;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams the checked configuration to every proxy that proved its identity: {@code GET /v1/config}
 * answers with one JSON object a line, first all that concerns the caller, then what changed. Until
 * there is a configuration it gets signs of life alone, so that nothing known is never taken for
 * nothing there. A slow reader gets the newest state when it can take more, never a queue of old
 * ones. Only the event loop that owns the control plane's server may enter; texts are made on a
 * worker.
 */
public final class ConfigStreams {

  private static final Logger LOG = LoggerFactory.getLogger(ConfigStreams.class);
  private static final long SIGN_OF_LIFE_MILLIS = 10_000;
  private static final long LEAVE_WITHIN_MILLIS = 5_000;
  private static final long LOOK_MILLIS = 1_000; // at what gateways say
  private static final long POD_MILLIS = 1_000; // at the labels of one pod
  private static final long NONE = 0; // versions begin with 1
  private static final String STREAM = "x-weft-stream"; // the name of a stream, for its answers

  private final Callers callers;
  private final Viewers viewers;
  private final Ticker ticker;
  private final Proxies proxies;
  private final List<Subscriber> subscribers = new ArrayList<>();
  private final Vertx vertx;
  private final Context context;
  private int turn; // whose labels are asked for next
  private Optional<Published> current = Optional.empty(); // until it is known
  private long streams; // opened so far
  private Buffer trust = Buffer.buffer(); // the line that tells of it

  public ConfigStreams(Vertx vertx, Callers callers, Viewers viewers, Ticker ticker) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.viewers = viewers;
    this.callers = callers;
    this.ticker = ticker;
    this.proxies = new Proxies(ticker);
    vertx.setPeriodic(SIGN_OF_LIFE_MILLIS, tick -> all().forEach(Subscriber::tick));
    vertx.setPeriodic(POD_MILLIS, look -> lookAtOne());
  }

  public void mount(Router router) {
    router.get("/v1/config").handler(this::subscribe);
    new Acknowledgements(this::caller, proxies::present).mount(router);
  }

  /** Who listens, and who left. */
  public Proxies proxies() {
    return proxies;
  }

  /** Has it told, on the event loop of this, what gateways say of the Gateways that they have. */
  public void watchTroubles(PeerReports peers, TroubleWatch.Hearer hearer) {
    TroubleWatch watch = new TroubleWatch(hearer, ticker.nanos());
    vertx.setPeriodic(
        LOOK_MILLIS, look -> current.ifPresent(one -> look(one.config(), peers, watch)));
  }

  private void look(MeshConfig config, PeerReports peers, TroubleWatch watch) {
    long now = ticker.nanos();
    List<Teller> tellers =
        subscribers.stream().map(one -> new Teller(one.viewer, one.state.standing())).toList();
    List<GatewayReport> reports = peers.with(TroubledGateways.report(config, tellers), now);
    watch.look(TroubledGateways.of(config, reports, watch.told()), now);
  }

  /** Sends what changed to whom it concerns. */
  public void publish(MeshConfig config) {
    current =
        Optional.of(
            current.map(one -> one.next(config)).orElseGet(() -> Published.first(vertx, config)));
    subscribers.forEach(Subscriber::send);
  }

  /** Of what was published last, from 1; 0 before. */
  public long version() {
    return current.map(Published::version).orElse(0L);
  }

  /** A pod came or changed: its proxy sees what is for the labels that it has now. Any thread. */
  public void seen(PodSeen pod) {
    context.runOnContext(
        now ->
            all().stream()
                .filter(one -> one.pod.filter(own -> own.uid().equals(pod.uid())).isPresent())
                .forEach(one -> one.see(one.viewer.labelled(pod.labels()))));
  }

  /**
   * At one pod after the other, for those whose changes nobody tells of: a call a second, however
   * many there are.
   */
  private void lookAtOne() {
    for (int tried = 0; tried < subscribers.size(); tried++) {
      turn = (turn + 1) % subscribers.size();
      if (viewers.knows(subscribers.get(turn).caller)) {
        subscribers.get(turn).look();
        return;
      }
    }
  }

  /** As they are now: some may leave meanwhile. */
  private List<Subscriber> all() {
    return List.copyOf(subscribers);
  }

  /**
   * Tells everybody whom to trust from now on, and who signs: who has a certificate of another
   * signer renews it. The stream of a certificate under a root that is trusted no more ends within
   * five seconds, not all at the same time; its proxy comes again with what it has by then.
   */
  public void trust(List<X509Certificate> roots, X509Certificate signer) {
    trust(roots, List.of(signer), Revocations.NONE);
  }

  /**
   * As the other.
   *
   * @param signers who signs, and those above it to below the root
   * @param revoked what all these took back; the streams of those end too
   */
  public void trust(
      List<X509Certificate> roots, List<X509Certificate> signers, Revocations revoked) {
    JsonObject told =
        new JsonObject()
            .put("roots", Pem.certificates(roots))
            .put("signer", Pem.certificates(signers))
            .put("revoked", revoked.pem());
    trust = new JsonObject().put("trust", told).toBuffer().appendByte((byte) '\n');
    List<Subscriber> all = all();
    for (int i = 0; i < all.size(); i++) {
      Subscriber one = all.get(i);
      one.send();
      vertx.setTimer(1 + LEAVE_WITHIN_MILLIS * i / all.size(), later -> one.requireTrusted());
    }
  }

  /** Proxies that listen now. */
  public int subscribers() {
    return subscribers.size();
  }

  private void subscribe(RoutingContext context) {
    caller(context)
        .ifPresent(
            caller ->
                viewers
                    .of(caller)
                    .onSuccess(viewer -> subscribe(context, caller, viewer))
                    .onFailure(cause -> refuse(context, caller, cause)));
  }

  private static void refuse(RoutingContext context, Caller caller, Throwable cause) {
    LOG.warn("{} gets no configuration: {}", caller.id(), cause.getMessage());
    if (cause instanceof CertificateException) {
      JsonErrors.end(context, 403, String.valueOf(cause.getMessage()));
    } else {
      context.fail(cause);
    }
  }

  private void subscribe(RoutingContext context, Caller caller, Viewer viewer) {
    HttpServerResponse out = context.response();
    if (out.closed()) {
      return; // it did not wait
    }
    out.setChunked(true);
    out.putHeader("content-type", "application/x-ndjson");
    ProxyState state =
        proxies.joined(
            ++streams, Peer.of(caller.id(), caller.leaf(), context.request().remoteAddress()));
    out.putHeader(STREAM, String.valueOf(state.stream()));
    Subscriber subscriber = new Subscriber(caller, viewer, state, context.request());
    subscribers.add(subscriber);
    LOG.info("{} listens ({} proxies)", caller.id(), subscribers.size());
    out.exceptionHandler(failed -> {}); // the close handler tells of it
    out.closeHandler(
        closed -> {
          subscribers.remove(subscriber);
          proxies.left(state);
          LOG.info("{} left ({} proxies)", caller.id(), subscribers.size());
        });
    subscriber.alive(); // the head of the answer goes out with it
    subscriber.send();
  }

  /** Who calls; empty where it has been answered that nobody may who proves no identity. */
  private Optional<Caller> caller(RoutingContext context) {
    try {
      Optional<Caller> caller = callers.certified(context.request());
      if (caller.isEmpty()) {
        JsonErrors.end(context, 403, "the caller showed no certificate");
      }
      return caller;
    } catch (CertificateException e) {
      JsonErrors.end(context, 403, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** One proxy's stream. */
  private final class Subscriber {

    private final Caller caller;
    private final Optional<Pod> pod;
    private Viewer viewer;
    private final ProxyState state;
    private final HttpServerRequest request;
    private final HttpServerResponse out;
    private Map<String, Part> sent = Published.NOTHING;
    private long sentVersion = NONE;
    private Buffer sentTrust = Buffer.buffer();
    private Iterator<Buffer> line = Collections.emptyIterator(); // what is left of it
    private boolean busy; // its next line is being made, or is not written to its end
    private boolean writing;
    private boolean asking; // for its labels

    Subscriber(Caller caller, Viewer viewer, ProxyState state, HttpServerRequest request) {
      this.caller = caller;
      this.pod = Viewers.pod(caller);
      this.viewer = viewer;
      this.state = state;
      this.request = request;
      this.out = request.response();
      out.drainHandler(drained -> goOn());
    }

    void tick() {
      requireTrusted();
      if (out.closed()) {
        return;
      }
      alive();
      if (viewer.labels().isEmpty() && viewers.knows(caller)) {
        look();
      }
    }

    /** What the API server does not tell now stays as it was. */
    void look() {
      if (asking) {
        return;
      }
      asking = true;
      viewers
          .of(caller)
          .onSuccess(known -> known.labels().ifPresent(labels -> see(known)))
          .onFailure(cause -> out.reset())
          .onComplete(asked -> asking = false);
    }

    void see(Viewer next) {
      if (!next.equals(viewer) && !out.closed()) {
        viewer = next;
        sentVersion = NONE; // this version once more: it may be more or less of it
        send();
      }
    }

    /** A stream ends with its certificate, and with the root that this is under. */
    void requireTrusted() {
      if (out.closed()) {
        return;
      }
      try {
        callers.certified(request);
      } catch (CertificateException e) {
        LOG.info("the stream of {} ends: {}", caller.id(), e.getMessage());
        out.reset();
      }
    }

    void alive() {
      if (!line.hasNext() && !out.writeQueueFull()) {
        out.write("{}\n");
      }
    }

    void send() {
      if (line.hasNext() || out.closed()) {
        return;
      }
      if (!sentTrust.equals(trust)) { // small, and others wait for it
        sentTrust = trust;
        out.write(trust);
      }
      if (busy) {
        return;
      }
      Optional<Published> next = current.filter(newest -> newest.version() != sentVersion);
      if (next.isEmpty() || out.writeQueueFull()) {
        return; // once it can take more, it is looked again
      }
      busy = true;
      long version = next.get().version();
      sentVersion = version;
      next.get()
          .after(viewer, sent)
          .onSuccess(this::tell)
          .onFailure(
              cause -> {
                LOG.error("{} gets no version {}", caller.id(), version, cause);
                done();
              });
    }

    private void tell(Change change) {
      sent = change.now();
      if (change.told()) {
        state.told(change.version(), ticker.nanos());
      }
      line = change.told() ? change.pieces() : Collections.emptyIterator();
      write();
    }

    private void goOn() {
      if (writing) {
        return; // it sees for itself that there is room
      }
      if (line.hasNext()) {
        write();
      } else {
        send();
      }
    }

    /** As fast as the proxy reads. */
    private void write() {
      writing = true;
      while (line.hasNext() && !out.writeQueueFull() && !out.closed()) {
        out.write(line.next());
      }
      writing = false;
      if (!line.hasNext()) {
        done();
      }
    }

    private void done() {
      busy = false;
      send(); // there may be a newer one by now
    }
  }
}
