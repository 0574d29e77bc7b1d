package dev.weft.control.ca;

import dev.weft.kubernetes.trust.TokenReviews.Pod;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The subject of certificates that the API server vouched for: it tells every control plane, after
 * a restart too, that a ServiceAccount's token is behind the certificate, and which pod that was
 * bound to. It is nobody's identity: that is the SPIFFE id alone.
 *
 * @param pod empty where the token was bound to none
 */
public record AccountSubject(Optional<Pod> pod) {

  private static final String UNIT = "ServiceAccount";

  /** Names of pods are longer than a common name may be; this attribute has no bound. */
  private static final ASN1ObjectIdentifier NAME = BCStyle.DN_QUALIFIER;

  private static final ASN1ObjectIdentifier UID = BCStyle.UID;

  X500Name name() {
    X500NameBuilder builder = new X500NameBuilder().addRDN(BCStyle.OU, UNIT);
    pod.ifPresent(bound -> builder.addRDN(NAME, bound.name()).addRDN(UID, bound.uid()));
    return builder.build();
  }

  /** Empty where somebody else vouched. */
  public static Optional<AccountSubject> of(X509Certificate leaf) {
    X500Name subject = X500Name.getInstance(leaf.getSubjectX500Principal().getEncoded());
    if (text(subject, BCStyle.OU).filter(UNIT::equals).isEmpty()) {
      return Optional.empty();
    }
    Optional<Pod> pod =
        text(subject, NAME).flatMap(name -> text(subject, UID).map(uid -> new Pod(name, uid)));
    return Optional.of(new AccountSubject(pod));
  }

  private static Optional<String> text(X500Name subject, ASN1ObjectIdentifier type) {
    RDN[] found = subject.getRDNs(type);
    return found.length == 1
        ? Optional.of(IETFUtils.valueToString(found[0].getFirst().getValue()))
        : Optional.empty();
  }
}
