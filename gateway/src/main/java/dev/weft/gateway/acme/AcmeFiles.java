package dev.weft.gateway.acme;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the account's key and what was obtained for a restart: files of 0600 from their first byte,
 * in a folder of 0700, each replaced whole.
 */
final class AcmeFiles {

  private static final String KEY = "# key\n";
  private static final String PUBLIC = "# public\n";
  private static final String CURVE = "secp256r1";

  private final Path folder;

  AcmeFiles(Path folder) {
    this.folder = folder;
  }

  static KeyPair freshKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(CURVE));
    return generator.generateKeyPair();
  }

  /**
   * The key of the account with an authority, made where there is none yet.
   *
   * @param authority its host
   * @throws GeneralSecurityException where the file cannot be used
   */
  KeyPair account(String authority) throws IOException, GeneralSecurityException {
    String name = "account-" + authority + ".pem";
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      KeyPair fresh = freshKeys();
      write(
          name,
          PUBLIC
              + Base64.getEncoder().encodeToString(fresh.getPublic().getEncoded())
              + "\n"
              + KEY
              + Pem.of("PRIVATE KEY", fresh.getPrivate().getEncoded()));
      return fresh;
    }
    String all = Files.readString(file);
    int key = all.indexOf(KEY);
    if (!all.startsWith(PUBLIC) || key < 0) {
      throw new GeneralSecurityException(file + " is no account's key");
    }
    byte[] certified = Base64.getMimeDecoder().decode(all.substring(PUBLIC.length(), key));
    PublicKey shown =
        KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(certified));
    PrivateKey own = Pem.privateKey(all.substring(key), "EC", name);
    if (!WorkloadIdentity.signs(own, shown)) {
      throw new GeneralSecurityException(file + " holds halves of two keys");
    }
    return new KeyPair(shown, own);
  }

  /** What was obtained before; empty where there is nothing, or it cannot be used. */
  Optional<Obtained> read(String credential) {
    try {
      String all = Files.readString(folder.resolve(file(credential)));
      int key = all.indexOf(KEY);
      List<X509Certificate> chain =
          WorkloadIdentity.certificates(all.substring(0, key), "a certificate");
      PrivateKey own = Pem.privateKey(all.substring(key), "EC", "a key");
      return WorkloadIdentity.signs(own, chain.get(0).getPublicKey())
          ? Optional.of(new Obtained(chain, own))
          : Optional.empty();
    } catch (IOException | GeneralSecurityException | StringIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  void write(String credential, Obtained obtained) throws IOException {
    write(file(credential), obtained.chainPem() + KEY + obtained.keyPem());
  }

  private static String file(String credential) {
    return credential.replace('/', '_') + ".pem"; // names of Kubernetes have none of the two
  }

  private void write(String name, String content) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, permissions("rwx------"));
    }
    Path draft = Files.createTempFile(folder, name, ".draft", permissions("rw-------"));
    Files.write(draft, content.getBytes(StandardCharsets.US_ASCII));
    Files.move(
        draft,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }
}
