package dev.weft.routing.discovery;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.codec.Resource;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.identity.IdentityStore.TrustTold;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.parsetools.RecordParser;
import java.security.cert.CertificateException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code control:HOST:PORT} as a source of configuration: the checked resources that concern this
 * proxy, first all, then what changed, one JSON object a line, over mTLS, and whom to trust. Each
 * version is acknowledged once it serves, or refused. Until the control plane knows its own
 * configuration it sends none, which changes nothing here. What it sends is read on a worker; what
 * did not change is not read again and stays the object that it was.
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
  private static final int CONNECT_MILLIS = 2_000;
  private static final long LONGEST_MILLIS = 10_000;
  private static final String STREAM = "x-weft-stream";
  private static final int SILENCE_SECONDS = 30;
  private static final int LONGEST_LINE = 64 << 20;

  private final Vertx vertx;
  private final ControlAddresses addresses;
  private final Supplier<Optional<ClientSSLOptions>> credentials;
  private final Consumer<TrustTold> trusted;
  private final Function<MeshConfig, Future<Void>> apply;
  private final HttpClient client;
  private long pauseMillis = SHORTEST_MILLIS;
  private int failures; // one after the other
  private volatile boolean closed;

  /**
   * @param credentials of this workload; empty until it has an identity
   * @param trusted hears whom to trust, on a worker
   * @param apply serves a configuration; done once it does
   */
  public ControlStream(
      Vertx vertx,
      ControlAddresses addresses,
      Supplier<Optional<ClientSSLOptions>> credentials,
      Consumer<TrustTold> trusted,
      Function<MeshConfig, Future<Void>> apply) {
    this.vertx = vertx;
    this.addresses = addresses;
    this.credentials = credentials;
    this.trusted = trusted;
    this.apply = apply;
    HttpClientOptions options = new HttpClientOptions().setKeepAlive(true);
    options.setReadIdleTimeout(SILENCE_SECONDS);
    options.setConnectTimeout(CONNECT_MILLIS);
    options.setSslEngineOptions(MeshTls.engine());
    this.client = vertx.createHttpClient(options);
  }

  /** Begins; the first configuration comes when the control plane can be reached. */
  public void start() {
    open();
  }

  private RequestOptions options(
      SocketAddress at, HttpMethod method, String uri, ClientSSLOptions tls) {
    return new RequestOptions()
        .setServer(at)
        .setMethod(method)
        .setHost(addresses.name())
        .setPort(addresses.port())
        .setURI(uri)
        .setSsl(true)
        .setSslOptions(tls);
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
        .compose(
            at ->
                client
                    .request(options(at, HttpMethod.GET, "/v1/config", tls.get()))
                    .compose(request -> request.send())
                    .onSuccess(response -> opened(at, response)))
        .onFailure(cause -> again(String.valueOf(cause.getMessage())));
  }

  private void opened(SocketAddress at, HttpClientResponse response) {
    if (response.statusCode() != 200) {
      response
          .body()
          .onComplete(
              read ->
                  again(
                      "status "
                          + response.statusCode()
                          + (read.succeeded() ? " " + read.result() : "")));
      return;
    }
    new Reading(at, response).start();
  }

  /** One stream, which ends once however many signs of its end there are. */
  private final class Reading {

    private final HttpClientResponse response;
    private final RecordParser lines;
    private final Optional<Long> stream; // its name at the control plane
    private final Map<String, Resource> resources = new LinkedHashMap<>(); // where lines are read
    private final SocketAddress at;
    private final long steady; // a timer
    private Future<Void> answers = Future.succeededFuture(); // in the order of the versions
    private boolean over;

    Reading(SocketAddress at, HttpClientResponse response) {
      this.at = at;
      this.steady = vertx.setTimer(STEADY_MILLIS, fired -> healthy());
      this.response = response;
      this.stream = name(response.getHeader(STREAM));
      this.lines = RecordParser.newDelimited("\n", response);
    }

    void start() {
      lines.maxRecordSize(LONGEST_LINE);
      lines.exceptionHandler(cause -> end(String.valueOf(cause.getMessage())));
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
        response.request().connection().close();
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
      return new TrustTold(
          WorkloadIdentity.certificates(told.getString("roots", ""), "roots"),
          WorkloadIdentity.certificates(told.getString("signer", ""), "signer").get(0));
    }

    private Future<Void> serve(Received next) {
      return apply
          .apply(next.config)
          .transform(
              served -> {
                Throwable cause = served.cause();
                String refusal = cause == null ? "" : String.valueOf(cause.getMessage());
                JsonObject answer =
                    new JsonObject()
                        .put("version", next.version)
                        .put("accepted", refusal.isEmpty())
                        .put("why", refusal);
                stream.ifPresent(name -> answer.put("stream", name));
                answers = answers.transform(before -> acknowledge(at, answer));
                return Future.succeededFuture();
              });
    }
  }

  private record Received(long version, MeshConfig config) {}

  private void again(String why) {
    if (closed) {
      return;
    }
    LOG.warn(
        "control plane {}:{}: {}; what serves goes on", addresses.name(), addresses.port(), why);
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

  /** Never fails. */
  private Future<Void> acknowledge(SocketAddress at, JsonObject answer) {
    return credentials
        .get()
        .map(
            tls ->
                client
                    .request(options(at, HttpMethod.POST, "/v1/config/acknowledged", tls))
                    .compose(
                        request -> {
                          request.putHeader("content-type", "application/json");
                          return request.send(answer.toBuffer());
                        })
                    .compose(HttpClientResponse::body)
                    .<Void>mapEmpty()
                    .onFailure(
                        cause ->
                            LOG.warn(
                                "version {} not acknowledged: {}",
                                answer.getLong("version"),
                                cause.getMessage()))
                    .otherwiseEmpty())
        .orElse(Future.succeededFuture());
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }
}
