package dev.weft.kubernetes.trust;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a trust bundle tells, and since when: of roots that it told of from its beginning, or that a
 * version wrote which noted no time, that is not known, and long ago.
 *
 * @param roots in the order of the bundle
 * @param broken whether the bundle cannot be read, so that none are known
 * @param times by fingerprint, of roots that came later
 */
public record ToldRoots(List<X509Certificate> roots, boolean broken, Map<String, Instant> times) {

  private static final char BETWEEN = '=';

  public ToldRoots {
    roots = List.copyOf(roots);
    times = Map.copyOf(times);
  }

  /**
   * @param pem certificates
   * @param since as {@link #since(List, Instant)} wrote it
   */
  static ToldRoots of(String pem, @Nullable String since) {
    Map<String, Instant> times = times(since == null ? "" : since);
    try {
      return new ToldRoots(WorkloadIdentity.certificates(pem, TrustBundle.NAME), false, times);
    } catch (CertificateException rubbish) {
      return new ToldRoots(List.of(), true, times);
    }
  }

  /** Whether pods that mount the bundle are told of it. */
  public boolean tells(X509Certificate root) {
    return roots.contains(root);
  }

  /** Since when it tells of a root; empty where that was so from its beginning. */
  public Optional<Instant> since(X509Certificate root) {
    return Optional.ofNullable(times.get(Pem.fingerprint(root)));
  }

  /**
   * The times of a bundle that follows this one, as text; empty where none are to be noted. What
   * was overwritten with rubbish keeps the times that it had.
   */
  String since(List<X509Certificate> next, Instant now) {
    Map<String, Instant> noted = new TreeMap<>();
    for (X509Certificate root : next) {
      Optional<Instant> before = since(root);
      before.ifPresent(time -> noted.put(Pem.fingerprint(root), time));
      if (before.isEmpty() && !broken && !tells(root)) {
        noted.put(Pem.fingerprint(root), now);
      }
    }
    return noted.entrySet().stream()
        .map(one -> one.getKey() + BETWEEN + one.getValue())
        .collect(Collectors.joining(" "));
  }

  /** What cannot be read is not known. */
  private static Map<String, Instant> times(String text) {
    Map<String, Instant> times = new HashMap<>();
    for (String one : text.split(" ", -1)) {
      int between = one.indexOf(BETWEEN);
      if (between > 0) {
        time(one.substring(between + 1)).ifPresent(at -> times.put(one.substring(0, between), at));
      }
    }
    return times;
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException rubbish) {
      return Optional.empty();
    }
  }
}
