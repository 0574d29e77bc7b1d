package dev.weft.routing.identity.join;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.CertificateClient.Hopeless;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a workload finds what it joins with. A join token names the root of its control plane; a
 * ServiceAccount token does not, so that roots are mounted beside it. Both files are read anew for
 * each try, since the kubelet renews them.
 *
 * @param token a join token or a ServiceAccount token
 * @param roots certificates in PEM
 */
public record JoinFiles(Optional<Path> token, Optional<Path> roots) {

  private static final String JOIN_TOKEN = "weft1.";
  private static final int JOIN_PARTS = 4; // weft1.ID.SECRET.ROOT
  private static final int JWT_PARTS = 3; // RFC 7519: header, claims, signature

  /**
   * What was read. Prints nothing of the token.
   *
   * @param roots SHA-256 of those of which one has to be the control plane's
   * @param lasting whether the token may be shown again and others renew it, so that no refusal is
   *     the last word
   * @param named what named the roots, and what helps where they are wrong
   */
  record Credential(String token, Set<String> roots, boolean lasting, String named) {
    @Override
    public String toString() {
      return "Credential [redacted]";
    }
  }

  /**
   * Reads them. Not for event loops.
   *
   * @throws Hopeless where only their owner can help
   * @throws IOException where they may come later
   * @throws CertificateException likewise, where the roots are half written
   */
  Credential read() throws IOException, CertificateException {
    Path file =
        token.orElseThrow(
            () ->
                new Hopeless(
                    "--identity control:HOST:PORT needs --token-file (./weft token makes one)"));
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw new Hopeless("--token-file " + file + " cannot be read: " + why(e));
    }
    String[] parts = text.split("\\.", -1);
    if (parts.length == JOIN_PARTS && text.startsWith(JOIN_TOKEN)) {
      String named =
          "the one that the join token names (./weft token --ca-dir of that control plane makes one)";
      return new Credential(text, Set.of(parts[JOIN_PARTS - 1]), false, named);
    }
    if (parts.length != JWT_PARTS) {
      throw new Hopeless(
          "the token file holds no join token (./weft token makes one), and no ServiceAccount"
              + " token either");
    }
    return new Credential(text, mounted(), true, "those of --root-cert " + roots.orElseThrow());
  }

  /**
   * The token that others renew, as it is now; empty where there is none. Not for event loops.
   *
   * @throws IOException where it cannot be read now
   */
  Optional<String> lastingToken() throws IOException {
    if (token.isEmpty() || !Files.exists(token.get())) {
      return Optional.empty();
    }
    String text = Files.readString(token.get()).strip();
    return Optional.of(text).filter(jwt -> jwt.split("\\.", -1).length == JWT_PARTS);
  }

  /**
   * SHA-256 of the roots that are mounted, as they are now. Not for event loops.
   *
   * @throws IOException where they may come later
   * @throws CertificateException likewise, where they are half written
   */
  Set<String> mounted() throws IOException, CertificateException {
    Path file =
        roots.orElseThrow(
            () ->
                new Hopeless(
                    "a ServiceAccount token names no root: --root-cert FILE says which control plane"
                        + " to trust (in a pod the ConfigMap weft-ca-root, root-cert.pem)"));
    try {
      return WorkloadIdentity.certificates(Files.readString(file), file.toString()).stream()
          .map(Pem::fingerprint)
          .collect(Collectors.toSet());
    } catch (NoSuchFileException e) {
      throw new IOException("--root-cert " + file + ": there is no such file yet", e);
    }
  }

  private static String why(IOException cause) {
    return cause instanceof NoSuchFileException
        ? "there is no such file"
        : String.valueOf(cause.getMessage());
  }
}
