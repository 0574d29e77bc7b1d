package dev.weft.control.dashboard;

import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What all proxies that are heard answer to one question, made into one answer: {@value #AT_ONCE}
 * are asked at a time, {@value #MOST_PROXIES} at most, and who asks the same meanwhile or within a
 * second gets the same answer. Only the event loop of the control plane may enter.
 */
final class MeshAnswers {

  private static final int AT_ONCE = 8;
  private static final int MOST_PROXIES = 500;
  private static final long KEPT_MILLIS = 1_000;

  private final Vertx vertx;
  private final Proxies proxies;
  private final MeshPoll poll;
  private final ProxyCalls calls;
  private final Map<String, Future<JsonObject>> known = new HashMap<>(); // by page

  /** What a proxy answered. */
  record Answer(ProxyState proxy, JsonObject told) {}

  MeshAnswers(Vertx vertx, Proxies proxies, MeshPoll poll, ProxyCalls calls) {
    this.vertx = vertx;
    this.proxies = proxies;
    this.poll = poll;
    this.calls = calls;
  }

  /**
   * Asks all of them.
   *
   * @param page such as {@code /routes}
   * @param together makes one answer of all, on a worker; the same for each page
   */
  Future<JsonObject> of(String page, Function<List<Answer>, JsonObject> together) {
    Future<JsonObject> asked = known.get(page);
    if (asked != null) {
      return asked;
    }
    Future<JsonObject> asking =
        answers(page).compose(all -> vertx.executeBlocking(() -> readable(all, together), false));
    known.put(page, asking);
    asking.onComplete(done -> vertx.setTimer(KEPT_MILLIS, over -> known.remove(page)));
    return asking;
  }

  /** One that answers in another form takes nothing from what the others tell. */
  static JsonObject readable(List<Answer> all, Function<List<Answer>, JsonObject> together) {
    try {
      return together.apply(all);
    } catch (RuntimeException e) {
      return together.apply(all.stream().filter(one -> reads(one, together)).toList());
    }
  }

  /** Whether it alone tells something. */
  private static boolean reads(Answer one, Function<List<Answer>, JsonObject> together) {
    try {
      return !together.apply(List.of(new Answer(one.proxy(), one.told().copy()))).isEmpty();
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Of those that answer. */
  private Future<List<Answer>> answers(String page) {
    List<Answer> all = new ArrayList<>();
    Iterator<ProxyState> left =
        proxies.present().stream()
            .filter(one -> poll.silence(one).isEmpty())
            .limit(MOST_PROXIES)
            .iterator();
    List<Future<Void>> lanes = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      lanes.add(next(page, left, all));
    }
    return Future.join(lanes).map(done -> all);
  }

  private Future<Void> next(String page, Iterator<ProxyState> left, List<Answer> all) {
    if (!left.hasNext()) {
      return Future.succeededFuture();
    }
    ProxyState proxy = left.next();
    return calls
        .ask(proxy, page)
        .onSuccess(told -> all.add(new Answer(proxy, told)))
        .transform(done -> next(page, left, all)); // one that fails now is told by its silence
  }
}
