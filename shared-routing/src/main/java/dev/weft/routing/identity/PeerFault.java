package dev.weft.routing.identity;

import dev.weft.routing.identity.certificate.Revocations;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is wrong with a peer that a handshake refused, as metrics tell it apart. */
public enum PeerFault {
  /** Its certificate has ended, or does not hold yet. */
  EXPIRED,
  /** It is signed by no root of this mesh. */
  UNKNOWN_AUTHORITY,
  /** It is under another root than those that are trusted for joining. */
  OTHER_ROOT,
  /** It names nobody of this mesh, or more than one, or an authority. */
  IDENTITY,
  /** Its authority took its certificate back. */
  REVOKED,
  /** It showed none. */
  NO_CERTIFICATE,
  /** Anything else that ends a handshake: versions, ciphers, a peer that refuses us. */
  HANDSHAKE;

  /** How the two engines say that a peer showed no certificate; neither has a type for it. */
  private static final String JDK_EMPTY = "empty client certificate chain";

  private static final String BORING_EMPTY = "peer_did_not_return_a_certificate";

  /** Trusted by nobody: told apart by its type from a certificate that is broken in itself. */
  static final class UnknownAuthority extends CertificateException {
    private static final long serialVersionUID = 1;

    UnknownAuthority(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Under another root than those that are expected. */
  static final class OtherRoot extends CertificateException {
    private static final long serialVersionUID = 1;

    OtherRoot() {
      super("its root is not one that is to be trusted for joining");
    }
  }

  /**
   * @param failure of a handshake, with its causes
   */
  public static PeerFault of(Throwable failure) {
    for (@Nullable Throwable one = failure; one != null; one = one.getCause()) {
      if (one instanceof CertificateException fault) {
        return of(fault);
      }
      String text = String.valueOf(one.getMessage()).toLowerCase(Locale.ROOT);
      if (text.contains(JDK_EMPTY) || text.contains(BORING_EMPTY)) {
        return NO_CERTIFICATE;
      }
    }
    return HANDSHAKE;
  }

  private static PeerFault of(CertificateException fault) {
    if (fault instanceof CertificateExpiredException
        || fault instanceof CertificateNotYetValidException) {
      return EXPIRED;
    }
    if (fault instanceof Revocations.Revoked) {
      return REVOKED;
    }
    if (fault instanceof OtherRoot) {
      return OTHER_ROOT;
    }
    return fault instanceof UnknownAuthority ? UNKNOWN_AUTHORITY : IDENTITY;
  }

  /**
   * Whether an alert says that the handshake failed, as TLS 1.3 tells after the client's side of
   * it: only then was nothing of a request taken (RFC 8446 section 6.2).
   */
  public static boolean alerted(Throwable failure) {
    String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("certificate")
        || text.contains("unknown_ca")
        || text.contains("handshake");
  }

  /** The sentence of it: the message of the certificate's fault, else the innermost one. */
  public static String sentence(Throwable failure) {
    Throwable innermost = failure;
    for (@Nullable Throwable one = failure; one != null; one = one.getCause()) {
      if (one instanceof CertificateException && one.getMessage() != null) {
        return one.getMessage();
      }
      innermost = one;
    }
    return String.valueOf(innermost.getMessage());
  }
}
