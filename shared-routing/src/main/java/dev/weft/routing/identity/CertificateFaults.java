package dev.weft.routing.identity;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What is wrong with certificates that this process shows or wants, as long as it is. Any thread
 * may enter.
 */
public final class CertificateFaults {

  private final Map<Key, String> present = new ConcurrentSkipListMap<>();

  /** What does not work. */
  public enum Kind {
    /** A server's certificate, key or authorities cannot be read or used. */
    SERVER,
    /** An OCSP response is not shown. */
    STAPLE,
    /** A list of revoked certificates has ended, and what was revoked since is not known. */
    REVOCATION,
    /** An authority does not give a certificate. */
    ACME;

    /** As metrics and pages say it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One of them.
   *
   * @param of the server, or the {@code credentialName}
   * @param message a sentence
   */
  public record Fault(Kind kind, String of, String message) {}

  private record Key(Kind kind, String of) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int kinds = kind.compareTo(other.kind);
      return kinds == 0 ? of.compareTo(other.of) : kinds;
    }
  }

  /**
   * From now on this is wrong.
   *
   * @return whether that is new
   */
  public boolean begin(Kind kind, String of, String message) {
    return !message.equals(present.put(new Key(kind, of), message));
  }

  /** It is well. */
  public void end(Kind kind, String of) {
    present.remove(new Key(kind, of));
  }

  /** Nothing is wrong with others of that kind, since they are not there any more. */
  public void retain(Kind kind, Collection<String> those) {
    present.keySet().removeIf(key -> key.kind == kind && !those.contains(key.of));
  }

  /** By kind, then by what they are of. */
  public List<Fault> all() {
    return present.entrySet().stream()
        .map(one -> new Fault(one.getKey().kind, one.getKey().of, one.getValue()))
        .toList();
  }

  /** How many there are, of each kind. */
  public Map<Kind, Long> counts() {
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      counts.put(kind, present.keySet().stream().filter(key -> key.kind == kind).count());
    }
    return counts;
  }
}
