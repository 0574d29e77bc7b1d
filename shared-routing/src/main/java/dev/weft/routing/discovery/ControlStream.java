package dev.weft.routing.discovery;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.codec.Resource;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.discovery.standing.PlainLine;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.identity.IdentityStore.TrustTold;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.join.ControlClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.parsetools.RecordParser;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code control:HOST:PORT} as a source of configuration: the checked resources that concern this
 * proxy, first all, then what changed, one JSON object a line, over mTLS and HTTP/2, and whom to
 * trust. Each version is acknowledged once it serves, or refused, on the same connection: a line
 * that has to wait holds up no answer. Until the control plane knows its own configuration it sends
 * none, which changes nothing here. What it sends is read on a worker; what did not change is not
 * read again and stays the object that it was.
 *
 * <p>A stream that ends after it was open for a while is opened again at once, at another address
 * of the control plane's name where it has one; so is each other address that cannot be reached.
 * Once all have failed, pauses double from a quarter of a second to ten. What serves goes on
 * meanwhile.
 */
public final class ControlStream implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ControlStream.class);
  private static final long SHORTEST_MILLIS = 250;
  private static final long AT_ONCE_MILLIS = 200; // at most: not all proxies at the same time
  private static final long STEADY_MILLIS = 1_000;
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final long LONGEST_MILLIS = 10_000;
  private static final String STREAM = "x-weft-stream";
  private static final Duration SILENCE = Duration.ofSeconds(30); // three signs of life
  private static final long ACKNOWLEDGED_MILLIS = 10_000; // others wait behind it
  private static final long LOOK_MILLIS = 1_000; // whether it stands otherwise
  private static final int LONGEST_REASON = 500;
  private static final int LONGEST_LINE = 64 << 20;

  private final Vertx vertx;
  private final ControlAddresses addresses;
  private final Supplier<Optional<ClientSSLOptions>> credentials;
  private final Consumer<TrustTold> trusted;
  private final Own own;
  private final ControlClient client;
  private long pauseMillis = SHORTEST_MILLIS;
  private int failures; // one after the other
  private volatile boolean closed;

  /**
   * The proxy that a stream is for.
   *
   * @param apply serves a configuration; done once it does
   * @param serves whether some configuration does now, of whatever source
   * @param standing how it stands, told with each acknowledgement, and again within a second when
   *     it has changed
   */
  public record Own(
      Function<MeshConfig, Future<Void>> apply,
      BooleanSupplier serves,
      Supplier<Standing> standing) {}

  /**
   * @param credentials of this workload; empty until it has an identity
   * @param trusted hears whom to trust, on a worker
   * @param own the proxy that it is for
   */
  public ControlStream(
      Vertx vertx,
      ControlAddresses addresses,
      Supplier<Optional<ClientSSLOptions>> credentials,
      Consumer<TrustTold> trusted,
      Own own) {
    this.vertx = vertx;
    this.addresses = addresses;
    this.credentials = credentials;
    this.trusted = trusted;
    this.own = own;
    this.client = new ControlClient(vertx, CONNECT, SILENCE);
  }

  /** Begins; the first configuration comes when the control plane can be reached. */
  public void start() {
    open();
  }

  private void open() {
    Optional<ClientSSLOptions> tls = credentials.get();
    if (closed) {
      return;
    }
    if (tls.isEmpty()) {
      again("this workload has no identity yet");
      return;
    }
    addresses
        .next()
        .compose(at -> client.connect(at, addresses.name(), tls.get()))
        .compose(
            connection ->
                connection
                    .request(
                        new RequestOptions()
                            .setMethod(HttpMethod.GET)
                            .setURI("/v1/config")
                            .setTraceOperation("stream configuration"))
                    .compose(HttpClientRequest::send)
                    .onSuccess(response -> opened(connection, response))
                    .onFailure(cause -> connection.close()))
        .onFailure(cause -> again(ControlClient.words(cause)));
  }

  private void opened(HttpClientConnection connection, HttpClientResponse response) {
    if (response.statusCode() == 200) {
      new Reading(connection, response).start();
      return;
    }
    response
        .body()
        .map(text -> " " + text)
        .otherwise("")
        .onComplete(
            text -> {
              connection.close();
              again("status " + response.statusCode() + text.result());
            });
  }

  /** One stream, which ends once however many signs of its end there are. */
  private final class Reading {

    private final RecordParser lines;
    private final Optional<Long> stream; // its name at the control plane
    private final Map<String, Resource> resources = new LinkedHashMap<>(); // where lines are read
    private final HttpClientConnection connection;
    private final long steady; // a timer
    private final long looking; // a timer
    private Future<Boolean> answers = Future.succeededFuture(true); // in the order of the versions
    private Optional<JsonObject> last = Optional.empty(); // answer
    private Optional<Standing> told = Optional.empty(); // with it, unless that did not arrive
    private boolean over;

    Reading(HttpClientConnection connection, HttpClientResponse response) {
      this.connection = connection;
      this.steady = vertx.setTimer(STEADY_MILLIS, fired -> healthy());
      this.looking = vertx.setPeriodic(LOOK_MILLIS, look -> look());
      this.stream = name(response.getHeader(STREAM));
      this.lines = RecordParser.newDelimited("\n", response);
    }

    void start() {
      lines.maxRecordSize(LONGEST_LINE);
      lines.exceptionHandler(cause -> end(ControlClient.words(cause)));
      lines.endHandler(end -> end("the stream ended"));
      lines.handler(this::line);
    }

    /** What ends from now on ends without its fault. */
    private void healthy() {
      if (!over) {
        failures = 0;
        pauseMillis = SHORTEST_MILLIS;
      }
    }

    private void end(String why) {
      if (!over) {
        over = true;
        vertx.cancelTimer(steady);
        vertx.cancelTimer(looking);
        connection.close();
        again(why);
      }
    }

    private void line(Buffer text) {
      if (over || text.length() < 3) {
        return; // a sign of life
      }
      lines.pause();
      vertx
          .executeBlocking(() -> received(text))
          .onFailure(cause -> end("it sent what cannot be read: " + cause.getMessage()))
          .onSuccess(
              next -> {
                next.map(this::serve)
                    .orElse(Future.succeededFuture())
                    .onComplete(done -> lines.resume());
              });
    }

    /** On a worker, one line after the other; empty where nothing is known yet. */
    private Optional<Received> received(Buffer text) throws CertificateException {
      JsonObject change = new JsonObject(text);
      JsonObject trust = change.getJsonObject("trust");
      if (trust != null) {
        trusted.accept(trust(trust));
      }
      long version = change.getLong("version", 0L);
      if (version == 0) {
        return Optional.empty();
      }
      for (Object gone : change.getJsonArray("remove", new JsonArray())) {
        resources.remove(String.valueOf(gone));
      }
      JsonObject set = change.getJsonObject("set", new JsonObject());
      for (String name : set.fieldNames()) {
        read(name, set.getString(name));
      }
      return Optional.of(new Received(version, ConfigCodec.config(resources.values())));
    }

    private void read(String name, String text) {
      Optional<Resource> known = ConfigCodec.read(name, text);
      known.ifPresentOrElse(
          one -> resources.put(name, one),
          () -> LOG.warn("{} is of a kind that this version does not know; left out", name));
    }

    private TrustTold trust(JsonObject told) throws CertificateException {
      List<X509Certificate> roots =
          WorkloadIdentity.certificates(told.getString("roots", ""), "roots");
      List<X509Certificate> signers =
          WorkloadIdentity.certificates(told.getString("signer", ""), "signer");
      List<X509Certificate> all = Stream.concat(roots.stream(), signers.stream()).toList();
      return new TrustTold(
          roots,
          signers.get(0),
          Optional.ofNullable(told.getString("revoked")).flatMap(lists -> revoked(lists, all)));
    }

    /** It was read by the control plane before; what cannot be read here keeps what is known. */
    private Optional<Revocations> revoked(String lists, List<X509Certificate> authorities) {
      try {
        return Optional.of(Revocations.told(lists, authorities));
      } catch (CertificateException e) {
        LOG.error("what the control plane revoked is not known: {}", e.getMessage());
        return Optional.empty();
      }
    }

    private Future<Void> serve(Received next) {
      return own.apply
          .apply(next.config)
          .transform(
              served -> {
                Throwable cause = served.cause();
                String refusal = cause == null ? "" : String.valueOf(cause.getMessage());
                JsonObject answer =
                    new JsonObject()
                        .put("version", next.version)
                        .put("accepted", refusal.isEmpty())
                        .put("why", PlainLine.of(refusal, LONGEST_REASON));
                stream.ifPresent(name -> answer.put("stream", name));
                tell(answer);
                return Future.succeededFuture();
              });
    }

    /** What the newest version came to, and how this proxy stands now. */
    private synchronized void tell(JsonObject answer) {
      Standing now = own.standing.get();
      last = Optional.of(answer);
      told = Optional.of(now);
      JsonObject whole = answer.copy().mergeIn(now.json());
      answers =
          answers
              .transform(before -> acknowledge(connection, whole))
              .onSuccess(arrived -> kept(arrived));
    }

    private synchronized void kept(boolean arrived) {
      if (!arrived) {
        told = Optional.empty(); // it is told again
      }
    }

    private synchronized void look() {
      if (!told.equals(Optional.of(own.standing.get()))) {
        last.ifPresent(this::tell);
      }
    }
  }

  private record Received(long version, MeshConfig config) {}

  private void again(String why) {
    if (closed) {
      return;
    }
    String meanwhile =
        own.serves.getAsBoolean() ? "what serves goes on" : "nothing serves until it answers";
    LOG.warn("control plane {}:{}: {}; {}", addresses.name(), addresses.port(), why, meanwhile);
    vertx.setTimer(Math.max(1, wait(failures++)), fired -> open());
  }

  /** Until all addresses have failed since the last stream that was steady there is none. */
  private long wait(int failed) {
    if (failed < addresses.known()) {
      return ThreadLocalRandom.current().nextLong(AT_ONCE_MILLIS / addresses.known() + 1);
    }
    long wait = pauseMillis + ThreadLocalRandom.current().nextLong(pauseMillis / 4 + 1);
    pauseMillis = Math.min(LONGEST_MILLIS, pauseMillis * 2);
    return wait;
  }

  /** Empty where a control plane of before names none. */
  private static Optional<Long> name(@Nullable String header) {
    return Optional.ofNullable(header)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(Long::valueOf);
  }

  /**
   * On the connection of the stream that it is for. Never fails.
   *
   * @return whether it arrived, whatever was made of it
   */
  private static Future<Boolean> acknowledge(HttpClientConnection connection, JsonObject answer) {
    return connection
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setURI("/v1/config/acknowledged")
                .setIdleTimeout(ACKNOWLEDGED_MILLIS))
        .compose(
            request -> {
              request.putHeader("content-type", "application/json");
              return request.send(answer.toBuffer());
            })
        .compose(HttpClientResponse::body)
        .map(arrived -> true)
        .onFailure(
            cause ->
                LOG.warn(
                    "version {} not acknowledged: {}",
                    answer.getLong("version"),
                    ControlClient.words(cause)))
        .otherwise(false);
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }
}
