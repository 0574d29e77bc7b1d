package dev.weft.routing.identity.der;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;

/** Beside Bouncy Castle, which makes the same of the same keys. */
final class Pkcs8Test {

  @Test
  void aKeyOfACurveIsWhatBouncyCastleMakesOfIt() throws Exception {
    for (int bits : new int[] {256, 384, 521}) {
      org.bouncycastle.asn1.sec.ECPrivateKey key = sec1(bits);
      byte[] expected =
          new PrivateKeyInfo(
                  new AlgorithmIdentifier(
                      X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()),
                  key)
              .getEncoded();

      assertThat(Pkcs8.ofSec1(key.getEncoded())).isEqualTo(expected);
    }
  }

  @Test
  void aKeyOfRsaIsWhatBouncyCastleMakesOfIt() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
    RSAPrivateKey key =
        RSAPrivateKey.getInstance(PrivateKeyInfo.getInstance(pkcs8).parsePrivateKey());
    AlgorithmIdentifier rsa =
        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);

    assertThat(Pkcs8.ofPkcs1(key.getEncoded()))
        .isEqualTo(new PrivateKeyInfo(rsa, key).getEncoded());
  }

  @Test
  void aKeyThatDoesNotNameItsCurveIsRefused() throws Exception {
    byte[] unnamed = new org.bouncycastle.asn1.sec.ECPrivateKey(256, keys(256).getS()).getEncoded();

    assertThatThrownBy(() -> Pkcs8.ofSec1(unnamed))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the key does not name its curve");
  }

  @Test
  void whatFollowsAKeyIsRefused() throws Exception {
    byte[] key = sec1(256).getEncoded();

    assertThatThrownBy(() -> Pkcs8.ofSec1(Arrays.copyOf(key, key.length + 1)))
        .isInstanceOf(IOException.class);
  }

  @Property(tries = 300)
  void aKeyThatIsCutIsRefused(@ForAll @IntRange(max = 1000) int at) throws Exception {
    byte[] key = sec1(256).getEncoded();
    byte[] cut = Arrays.copyOf(key, at % key.length);

    assertThatThrownBy(() -> Pkcs8.ofSec1(cut)).isInstanceOf(IOException.class);
  }

  @Property(tries = 2000)
  void rubbishIsRefusedOrTakenAsAWhole(@ForAll @Size(max = 40) byte[] rubbish) {
    byte[] key = rubbish.clone();
    if (key.length > 1) {
      key[0] = Der.SEQUENCE;
      key[1] = (byte) (key.length - 2);
    }
    try {
      assertThat(Pkcs8.ofSec1(key)).endsWith(key);
    } catch (IOException refused) {
      assertThat(refused).hasMessageNotContaining("null");
    }
  }

  private static org.bouncycastle.asn1.sec.ECPrivateKey sec1(int bits) throws Exception {
    return new org.bouncycastle.asn1.sec.ECPrivateKey(
        bits,
        keys(bits).getS(),
        switch (bits) {
          case 256 -> SECObjectIdentifiers.secp256r1;
          case 384 -> SECObjectIdentifiers.secp384r1;
          default -> SECObjectIdentifiers.secp521r1;
        });
  }

  private static ECPrivateKey keys(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
    KeyPair keys = generator.generateKeyPair();
    return (ECPrivateKey) keys.getPrivate();
  }
}
