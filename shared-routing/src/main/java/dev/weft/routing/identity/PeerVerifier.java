package dev.weft.routing.identity;

import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the SPIFFE id out of a certificate and holds it against what is expected. It looks at the
 * leaf only: that its chain leads to a root of the mesh is {@link MeshTrustManager}'s part.
 *
 * <p>Source: the X509-SVID specification, sections 2 and 5.
 */
public final class PeerVerifier {

  static final int DNS = 2; // GeneralName dNSName, RFC 5280
  static final int URI = 6; // GeneralName uniformResourceIdentifier, RFC 5280
  private static final int DIGITAL_SIGNATURE = 0; // bits of keyUsage, RFC 5280 4.2.1.3
  private static final int CERTIFICATE_SIGN = 5;
  private static final int REVOCATION_SIGN = 6;

  private PeerVerifier() {}

  /**
   * The id that {@code leaf} proves.
   *
   * @throws CertificateException with the reason, where it is no X509-SVID of the trust domain
   */
  public static SpiffeId id(X509Certificate leaf, String trustDomain) throws CertificateException {
    SpiffeId id = named(leaf);
    if (!id.trustDomain().equals(trustDomain)) {
      throw new CertificateException(
          "trust domain " + id.trustDomain() + " (expected: " + trustDomain + ")");
    }
    usable(leaf);
    return id;
  }

  /** The id that {@code leaf} proves, of whatever trust domain; empty where it is no X509-SVID. */
  public static Optional<SpiffeId> id(X509Certificate leaf) {
    try {
      SpiffeId id = named(leaf);
      usable(leaf);
      return Optional.of(id);
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }

  private static SpiffeId named(X509Certificate leaf) throws CertificateException {
    List<String> uris = names(leaf, URI);
    if (uris.size() != 1) {
      throw new CertificateException(uris.size() + " URI names (expected: exactly one)");
    }
    Optional<SpiffeId> id = SpiffeId.parse(uris.get(0));
    if (id.isEmpty()) {
      throw new CertificateException("'" + uris.get(0) + "' is no SPIFFE id of a workload");
    }
    return id.get();
  }

  private static void usable(X509Certificate leaf) throws CertificateException {
    if (leaf.getBasicConstraints() >= 0) {
      throw new CertificateException("the certificate of an authority, not of a workload");
    }
    boolean[] usage = leaf.getKeyUsage();
    if (usage == null || !usage[DIGITAL_SIGNATURE]) {
      throw new CertificateException("its key may not sign (expected: digitalSignature)");
    }
    if (usage[CERTIFICATE_SIGN] || usage[REVOCATION_SIGN]) {
      throw new CertificateException("its key may sign certificates, as an authority's does");
    }
  }

  /** All subject alternative names of a certificate: DNS names, URIs, addresses. */
  public static List<String> names(X509Certificate leaf) {
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream().map(name -> String.valueOf(name.get(1))).toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /**
   * The subject alternative names of one kind.
   *
   * @param kind {@link #URI} or {@link #DNS}
   */
  static List<String> names(X509Certificate leaf, int kind) throws CertificateParsingException {
    List<String> some = new ArrayList<>();
    Collection<List<?>> names = leaf.getSubjectAlternativeNames();
    if (names != null) {
      for (List<?> name : names) {
        if (Integer.valueOf(kind).equals(name.get(0))) {
          some.add(String.valueOf(name.get(1)));
        }
      }
    }
    return some;
  }

  /** Why a peer is not one of {@code expected}; empty when it is. */
  public static Optional<String> refusal(
      X509Certificate leaf, String trustDomain, Set<String> expected) {
    try {
      SpiffeId id = id(leaf, trustDomain);
      return expected.contains(id.toString())
          ? Optional.empty()
          : Optional.of("it is " + id + " (expected: " + String.join(" or ", expected) + ")");
    } catch (CertificateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Whom a caller's certificate names, with what is told the application of it.
   *
   * @param own id of this workload
   */
  public static Optional<PeerIdentity> identify(
      X509Certificate leaf, String trustDomain, String own) {
    try {
      SpiffeId id = id(leaf, trustDomain);
      String forwarded = "By=" + own + ";" + ForwardedCert.described(leaf) + ";URI=" + id;
      return Optional.of(new PeerIdentity(id, forwarded));
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }
}
