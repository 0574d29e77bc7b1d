package dev.weft.routing.identity.certificate;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that their authorities took back before their end: what the revocation lists (CRLs)
 * beside a set of trusted authorities say. What a list names stays refused after the list has
 * ended: forgetting it would open what was closed, and refusing everybody, as Envoy does, would
 * stop a mesh whose operator is late.
 *
 * <p>A list counts only if an authority that is known here signed it. An authority without a list
 * revokes nothing. Delta and indirect lists, and those of a part of an authority's certificates,
 * are refused, since by themselves they would say too little.
 *
 * <p>Costs one look into a hash set for each certificate of a chain, at handshakes alone.
 * Immutable; any thread.
 *
 * <p>Source: RFC 5280 section 5; Istio's {@code ca.crl} and {@code ca-crl.pem}.
 */
public final class Revocations {

  /** Nothing is revoked. */
  public static final Revocations NONE = new Revocations("", Map.of(), Long.MAX_VALUE);

  /**
   * How large the lists may be together, in bytes: a 32nd of the heap, since what they become takes
   * some ten times that, but at least 1 MiB and at most 10 MiB.
   */
  public static final int LARGEST =
      (int) Math.max(1 << 20, Math.min(10 << 20, Runtime.getRuntime().maxMemory() >> 5));

  private static final String BEGIN = "-----BEGIN X509 CRL-----";
  private static final String END = "-----END X509 CRL-----";
  private static final String DELTA = "2.5.29.27"; // deltaCRLIndicator, RFC 5280 section 5.2.4
  private static final int CRL_SIGN = 6; // of keyUsage, RFC 5280 section 4.2.1.3
  private static final long FOREVER = Long.MAX_VALUE / 2;
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final String pem;
  private final Map<X500Principal, Set<BigInteger>> serials; // by their issuer
  private final long ends; // in milliseconds of the epoch; the first of the lists

  private Revocations(String pem, Map<X500Principal, Set<BigInteger>> serials, long ends) {
    this.pem = pem;
    this.serials = serials;
    this.ends = ends;
  }

  /** A certificate that its authority took back. */
  public static final class Revoked extends CertificateException {
    private static final long serialVersionUID = 1;

    Revoked(X509Certificate one) {
      super(
          "the certificate "
              + one.getSerialNumber().toString(16)
              + " of '"
              + one.getIssuerX500Principal().getName()
              + "' is revoked");
    }
  }

  /**
   * Reads lists and verifies who signed them.
   *
   * @param pem X509 CRL, one or more
   * @param name of the file, for the message
   * @param authorities that may have signed them
   * @param epochMillis now
   * @throws CertificateException in words that a user reads, where one of them does not count
   */
  public static Revocations of(
      String pem, String name, Collection<X509Certificate> authorities, long epochMillis)
      throws CertificateException {
    if (pem.length() > LARGEST) {
      throw new CertificateException(name + " is larger than " + LARGEST + " bytes");
    }
    Map<X500Principal, Set<BigInteger>> serials = new HashMap<>();
    StringBuilder plain = new StringBuilder(); // without what stands between the lists
    long ends = Long.MAX_VALUE;
    for (X509CRL list : parsed(pem, name)) {
      String of = name + ": the list of '" + list.getIssuerX500Principal().getName() + "' ";
      requireWhole(list, of);
      requireSigned(list, of, authorities);
      Instant begin = list.getThisUpdate().toInstant();
      if (begin.toEpochMilli() > epochMillis + SKEW.toMillis()) {
        throw new CertificateException(of + "begins at " + FileTime.from(begin));
      }
      Date next = list.getNextUpdate();
      ends = next == null ? ends : Math.min(ends, next.toInstant().toEpochMilli());
      add(list, serials);
      plain.append(BEGIN).append('\n').append(encoded(list)).append('\n').append(END).append('\n');
    }
    return new Revocations(plain.toString(), Map.copyOf(serials), ends);
  }

  private static String encoded(X509CRL list) throws CertificateException {
    try {
      return Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(list.getEncoded());
    } catch (CRLException e) {
      throw new CertificateException(e);
    }
  }

  /**
   * Lists that this process verified before, and kept where nobody else writes: perhaps signed by
   * an authority that it is not told of any more.
   *
   * @throws CertificateException where one of them is broken
   */
  public static Revocations kept(String pem) throws CertificateException {
    Map<X500Principal, Set<BigInteger>> serials = new HashMap<>();
    for (X509CRL list : pem.isEmpty() ? List.<X509CRL>of() : parsed(pem, "what was kept")) {
      add(list, serials);
    }
    return new Revocations(pem, Map.copyOf(serials), Long.MAX_VALUE);
  }

  private static void add(X509CRL list, Map<X500Principal, Set<BigInteger>> to) {
    to.computeIfAbsent(list.getIssuerX500Principal(), any -> new HashSet<>()).addAll(named(list));
  }

  /**
   * Lists that another process of this mesh read before, whatever this one's clock says.
   *
   * @param pem empty for none
   * @throws CertificateException where one of them does not count
   */
  public static Revocations told(String pem, Collection<X509Certificate> authorities)
      throws CertificateException {
    return pem.isEmpty() ? NONE : of(pem, "revoked", authorities, FOREVER);
  }

  private static List<X509CRL> parsed(String pem, String name) throws CertificateException {
    int begun = (pem.length() - pem.replace(BEGIN, "").length()) / BEGIN.length();
    byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
    Collection<? extends CRL> all;
    try {
      all =
          begun == 0
              ? List.of() // whatever else is there
              : CertificateFactory.getInstance("X.509")
                  .generateCRLs(new ByteArrayInputStream(bytes));
    } catch (CRLException e) {
      throw new CertificateException(name + " is broken (expected: X509 CRL in PEM)", e);
    }
    if (all.isEmpty() || all.size() != begun) {
      throw new CertificateException(
          name
              + " holds "
              + begun
              + " revocation lists, of which "
              + all.size()
              + " can be read (expected: X509 CRL in PEM)");
    }
    return all.stream().map(X509CRL.class::cast).toList();
  }

  /** What is critical changes what a list is about, so that none is passed over. */
  private static void requireWhole(X509CRL list, String of) throws CertificateException {
    Set<String> critical = list.getCriticalExtensionOIDs();
    if (list.getExtensionValue(DELTA) != null) {
      throw new CertificateException(of + "is a delta (expected: a complete list)");
    }
    if (critical != null && !critical.isEmpty()) {
      throw new CertificateException(
          of
              + "is not about all certificates of its authority (critical extension "
              + String.join(", ", critical)
              + "; expected: none)");
    }
  }

  private static void requireSigned(
      X509CRL list, String of, Collection<X509Certificate> authorities)
      throws CertificateException {
    if (SignatureStrength.isWeak(list.getSigAlgName(), list.getSigAlgParams())) {
      throw new CertificateException(
          of + "is signed with " + list.getSigAlgName() + " (expected: SHA-256)");
    }
    boolean named = false;
    for (X509Certificate one : authorities) {
      if (one.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
        named = true;
        if (signed(list, one)) {
          return;
        }
      }
    }
    throw new CertificateException(
        of
            + (named
                ? "is not signed by the authority of that name that is trusted"
                : "is of no authority that is trusted"));
  }

  private static boolean signed(X509CRL list, X509Certificate authority) {
    boolean[] usage = authority.getKeyUsage();
    if (usage != null && !usage[CRL_SIGN]) {
      return false;
    }
    try {
      list.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Set<BigInteger> named(X509CRL list) {
    Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
    Set<BigInteger> serials = new HashSet<>();
    if (entries != null) {
      entries.forEach(entry -> serials.add(entry.getSerialNumber()));
    }
    return serials;
  }

  /**
   * @param path certificates that lead to an authority, and that one
   * @throws Revoked where one of them was taken back
   */
  public void check(Iterable<X509Certificate> path) throws Revoked {
    if (serials.isEmpty()) {
      return;
    }
    for (X509Certificate one : path) {
      if (revoked(one)) {
        throw new Revoked(one);
      }
    }
  }

  /** Whether it was taken back. */
  public boolean revoked(X509Certificate one) {
    return serials
        .getOrDefault(one.getIssuerX500Principal(), Set.of())
        .contains(one.getSerialNumber());
  }

  /** Whether one of those that a peer showed was taken back. */
  public boolean revokedAny(Collection<? extends Certificate> shown) {
    return !serials.isEmpty()
        && shown.stream().anyMatch(one -> one instanceof X509Certificate held && revoked(held));
  }

  /** All of them, to be told others. */
  public String pem() {
    return pem;
  }

  /** Whether there is no list. */
  public boolean isEmpty() {
    return serials.isEmpty();
  }

  /** That one of the lists has ended, in words that a user reads; empty where none has. */
  public Optional<String> ended(long epochMillis) {
    return epochMillis <= ends
        ? Optional.empty()
        : Optional.of(
            "a revocation list ended at "
                + FileTime.fromMillis(ends)
                + "; what it names stays refused, what was revoked since is not known");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || (other instanceof Revocations those && pem.equals(those.pem));
  }

  @Override
  public int hashCode() {
    return pem.hashCode();
  }

  @Override
  public String toString() {
    return serials.values().stream().mapToInt(Set::size).sum() + " revoked";
  }
}
