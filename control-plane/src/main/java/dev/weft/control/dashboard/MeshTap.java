package dev.weft.control.dashboard;

import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.admin.PacedEvents;
import dev.weft.routing.admin.Parameters;
import dev.weft.routing.admin.Replies;
import dev.weft.routing.admin.TapWishes;
import dev.weft.routing.clock.VertxTimers;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.RecordParser;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Requests and connections of the whole mesh as they end: {@code /tap} of each proxy that is heard,
 * {@value #MOST_PROXIES} at most, in one stream, in which each says whose it is. {@value
 * #MOST_READERS} may read at a time. What one proxy tells faster than is shown is counted as
 * missed. Only the event loop of the control plane may enter.
 */
final class MeshTap {

  private static final int MOST_READERS = 4;
  private static final int MOST_PROXIES = 100;
  private static final int MOST_LAST = 128; // of all proxies together
  private static final int MOST_LINE = 64 << 10;
  private static final long LOOK_MILLIS = 2_000;
  private static final String DATA = "data: ";
  private static final String MISSED = "missed";
  private static final String MISSED_EVENT = "event: " + MISSED;
  private static final String LAST = "last";
  private static final List<String> WISHES =
      List.of("status", "cluster", "route", "identity", "path", "slower", "sample");

  private final Vertx vertx;
  private final Proxies proxies;
  private final MeshPoll poll;
  private final ProxyCalls calls;
  private int readers;

  MeshTap(Vertx vertx, Proxies proxies, MeshPoll poll, ProxyCalls calls) {
    this.vertx = vertx;
    this.proxies = proxies;
    this.poll = poll;
    this.calls = calls;
  }

  /** Answers with a stream that ends when its reader goes. */
  void watch(RoutingContext context) {
    Optional<String> wrong = TapWishes.refusal(context);
    if (wrong.isPresent()) {
      Replies.error(context, 400, wrong.get());
    } else if (readers >= MOST_READERS) {
      Replies.error(context, 503, "tap: already " + MOST_READERS + " readers; end one of them");
    } else {
      readers++;
      new Reader(context).begin();
    }
  }

  /** Whoever reads. */
  private final class Reader {

    private final PacedEvents<JsonObject> events;
    private final String wishes;
    private final int last;
    private final Set<Long> asked = new HashSet<>(); // streams
    private final Map<Long, HttpClientRequest> open = new HashMap<>();
    private long timer;
    private boolean over;

    Reader(RoutingContext context) {
      this.events =
          new PacedEvents<>(
              new VertxTimers(vertx), context.response(), MeshTap::append, this::ended);
      this.wishes =
          WISHES.stream()
              .flatMap(name -> Parameters.text(context, name).map(one -> pair(name, one)).stream())
              .collect(Collectors.joining("&"));
      this.last = Parameters.text(context, LAST).map(Integer::parseInt).orElse(0);
    }

    void begin() {
      events.begin(List.of());
      List<ProxyState> heard = heard();
      int each = heard.isEmpty() ? 0 : Math.min(last, Math.max(1, MOST_LAST / heard.size()));
      heard.forEach(proxy -> ask(proxy, each));
      timer = vertx.setPeriodic(LOOK_MILLIS, look -> heard().forEach(proxy -> ask(proxy, 0)));
    }

    private List<ProxyState> heard() {
      return proxies.present().stream()
          .filter(one -> poll.silence(one).isEmpty() && !asked.contains(one.stream()))
          .limit(Math.max(0, MOST_PROXIES - asked.size()))
          .toList();
    }

    private void ask(ProxyState proxy, int past) {
      asked.add(proxy.stream());
      String uri = "/tap?" + LAST + "=" + past + (wishes.isEmpty() ? "" : "&" + wishes);
      calls
          .request(proxy, HttpMethod.GET, uri)
          .compose(
              request -> {
                if (over) {
                  request.reset();
                }
                open.put(proxy.stream(), request);
                return request.send();
              })
          .onSuccess(response -> read(proxy, response))
          .onFailure(cause -> left(proxy));
    }

    private void read(ProxyState proxy, HttpClientResponse response) {
      if (response.statusCode() != 200) {
        left(proxy);
        return;
      }
      Lines lines = new Lines(String.valueOf(proxy.peer()));
      RecordParser parser =
          RecordParser.newDelimited("\n", lines::line)
              .maxRecordSize(MOST_LINE)
              .exceptionHandler(wrong -> left(proxy));
      response.exceptionHandler(gone -> left(proxy)).endHandler(end -> left(proxy)).handler(parser);
    }

    /** It is asked again at the next look, as far as it is there. */
    private void left(ProxyState proxy) {
      HttpClientRequest request = open.remove(proxy.stream());
      if (request != null) {
        request.reset();
      }
      asked.remove(proxy.stream());
    }

    private void ended() {
      over = true;
      readers--;
      vertx.cancelTimer(timer);
      open.values().forEach(HttpClientRequest::reset);
      open.clear();
    }

    /** What one proxy sends; anything but the events that are known is left out. */
    private final class Lines {

      private final String proxy;
      private boolean missed;

      Lines(String proxy) {
        this.proxy = proxy;
      }

      void line(Buffer record) {
        String line = record.toString(StandardCharsets.UTF_8);
        if (line.startsWith(DATA)) {
          data(line.substring(DATA.length()));
        } else {
          missed = line.equals(MISSED_EVENT);
        }
      }

      private void data(String text) {
        if (events.full() && !missed) {
          events.missed(1); // without its being read
          return;
        }
        try {
          JsonObject told = new JsonObject(text);
          if (missed) {
            events.missed(Math.max(0, told.getLong(MISSED, 0L)));
          } else {
            events.put(told.put("proxy", proxy));
          }
        } catch (DecodeException | ClassCastException e) {
          events.missed(1); // it is of another form
        }
      }
    }
  }

  private static String pair(String name, String value) {
    return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static void append(Buffer events, JsonObject entry) {
    events.appendString(DATA).appendString(entry.encode()).appendString("\n\n");
  }
}
