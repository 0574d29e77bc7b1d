package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a configuration that served since the process began, with their texts: as many as
 * fit into 100 entries and 64 MiB of texts that changed, the newest always. Any thread.
 */
public final class ConfigHistory {

  /** Versions that are kept at most. */
  static final int MOST = 100;

  private static final long MOST_CHARACTERS = 32 << 20; // two bytes each, at most

  private final long most;
  private final Deque<Applied> versions = new ArrayDeque<>(); // the oldest first
  private final Map<Long, List<ConfigChange>> known = new HashMap<>(); // by version, read once
  private Supplier<Traffic> traffic = () -> Traffic.NONE;

  /** Of 32 Mi characters. */
  public ConfigHistory() {
    this(MOST_CHARACTERS);
  }

  /**
   * @param most characters of texts that changed
   */
  ConfigHistory(long most) {
    this.most = most;
  }

  /**
   * What came and how it ended, counted since the process began.
   *
   * @param requests that ended
   * @param failed of them, with a 5xx or an answer that was cut
   */
  public record Traffic(long requests, long failed) {

    public static final Traffic NONE = new Traffic(0, 0);

    /** What came since then. */
    public Traffic since(Traffic before) {
      return new Traffic(requests - before.requests, failed - before.failed);
    }
  }

  /**
   * A version that served.
   *
   * @param cause the source that told of it, or what was asked for
   * @param units its texts by source and unit; empty where it has none, as what is streamed
   * @param begun what had come when it began to serve
   * @param fresh characters of texts that the version before did not have
   */
  public record Applied(
      long version,
      Instant at,
      String cause,
      Map<String, Map<String, List<ConfigDocument>>> units,
      Traffic begun,
      long fresh) {

    /** Its resources. */
    public Map<String, ResourceFields> resources() {
      return ResourceFields.of(documents());
    }

    private Map<String, ResourceFields> resourcesBut(Set<ConfigDocument> those) {
      return ResourceFields.of(documents().stream().filter(one -> !those.contains(one)).toList());
    }

    private List<ConfigDocument> documents() {
      return units.values().stream()
          .flatMap(source -> source.values().stream())
          .flatMap(List::stream)
          .distinct()
          .toList();
    }
  }

  /**
   * A version, told.
   *
   * @param changes from the version before; of the oldest that is known, none
   * @param before what came while the version before served
   * @param served what came since this one serves, or while it did
   */
  public record Entry(Applied applied, List<ConfigChange> changes, Traffic before, Traffic served) {
    public Entry {
      changes = List.copyOf(changes);
    }
  }

  /**
   * @param counts what came so far; any thread may ask
   */
  public synchronized void counting(Supplier<Traffic> counts) {
    traffic = counts;
  }

  /** A version serves from now on; the one that serves already may have other texts now. */
  public synchronized void applied(
      long version,
      Instant at,
      String cause,
      Map<String, Map<String, List<ConfigDocument>>> units) {
    Optional<Applied> last = Optional.ofNullable(versions.peekLast());
    Traffic begun = traffic.get();
    if (last.isPresent() && last.get().version == version) {
      Applied same = versions.removeLast();
      known.remove(version);
      versions.addLast(entry(version, same.at, same.cause, units, same.begun, versions.peekLast()));
    } else {
      versions.addLast(entry(version, at, cause, units, begun, versions.peekLast()));
    }
    while (versions.size() > MOST || (versions.size() > 1 && characters() > most)) {
      versions.removeFirst();
    }
  }

  /** With the texts of the version before where they are equal, so that each is kept once. */
  private static Applied entry(
      long version,
      Instant at,
      String cause,
      Map<String, Map<String, List<ConfigDocument>>> units,
      Traffic begun,
      @Nullable Applied before) {
    Map<ConfigDocument, ConfigDocument> known = new HashMap<>();
    if (before != null) {
      before.documents().forEach(document -> known.put(document, document));
    }
    long fresh = 0;
    Map<String, Map<String, List<ConfigDocument>>> kept = new LinkedHashMap<>();
    for (Map.Entry<String, Map<String, List<ConfigDocument>>> source : units.entrySet()) {
      Map<String, List<ConfigDocument>> mine = new LinkedHashMap<>();
      for (Map.Entry<String, List<ConfigDocument>> unit : source.getValue().entrySet()) {
        List<ConfigDocument> documents = new ArrayList<>();
        for (ConfigDocument document : unit.getValue()) {
          documents.add(known.getOrDefault(document, document));
          fresh += known.containsKey(document) ? 0 : document.text().length();
        }
        mine.put(unit.getKey(), List.copyOf(documents));
      }
      kept.put(source.getKey(), mine);
    }
    return new Applied(version, at, cause, kept, begun, fresh);
  }

  private long characters() {
    return versions.stream().mapToLong(Applied::fresh).sum();
  }

  /** Those that are kept, the newest first. Reads texts, so that it may take a while. */
  public synchronized List<Entry> entries() {
    List<Applied> all = List.copyOf(versions);
    known.keySet().removeIf(version -> find(version).isEmpty());
    Traffic end = traffic.get();
    List<Entry> told = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i--) {
      Applied one = all.get(i);
      Traffic served = end.since(one.begun);
      if (i == 0) {
        told.add(new Entry(one, List.of(), Traffic.NONE, served));
      } else {
        Applied before = all.get(i - 1);
        List<ConfigChange> changes =
            known.computeIfAbsent(one.version, any -> changes(before, one));
        told.add(new Entry(one, changes, one.begun.since(before.begun), served));
      }
      end = one.begun;
    }
    return told;
  }

  /** Of what both have nothing is read. */
  private static List<ConfigChange> changes(Applied before, Applied after) {
    Set<ConfigDocument> both = new HashSet<>(before.documents());
    both.retainAll(new HashSet<>(after.documents()));
    return ConfigChange.between(before.resourcesBut(both), after.resourcesBut(both));
  }

  /** Empty where it is not kept, or never served. */
  public synchronized Optional<Applied> find(long version) {
    return versions.stream().filter(one -> one.version == version).findFirst();
  }

  /** The version that serves; empty before the first. */
  public synchronized Optional<Applied> current() {
    return Optional.ofNullable(versions.peekLast());
  }

  /** The version before the one that serves; empty where none is kept. */
  public synchronized Optional<Applied> previous() {
    List<Applied> all = List.copyOf(versions);
    return all.size() < 2 ? Optional.empty() : Optional.of(all.get(all.size() - 2));
  }
}
