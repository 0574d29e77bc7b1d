package dev.weft.kubernetes.trust;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Secret in which the mesh's authority is kept: with Istio's keys ({@code cacerts}), or as
 * cert-manager writes it. Not for event loops; every call asks the API server.
 */
public final class AuthoritySecret {

  private static final String GRANT = "get on this Secret, and create on secrets";
  private static final List<String> ISTIO =
      List.of("ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem", "ca-crl.pem");
  private static final List<String> CERT_MANAGER =
      List.of("tls.crt", "tls.key", "", "ca.crt", "ca.crl");

  private final KubernetesApi api;
  private final String namespace;
  private final String name;

  public AuthoritySecret(KubernetesApi api, String namespace, String name) {
    this.api = api;
    this.namespace = namespace;
    this.name = name;
  }

  /** A value of the Secret, and its key there. Prints nothing of the value. */
  public record Part(String key, String text) {
    @Override
    public String toString() {
      return key;
    }
  }

  /**
   * What is in it, unread.
   *
   * @param certificate of the signer, then maybe those above it
   * @param chain those above the signer; may be blank
   * @param lists of what they revoked; empty where there is no such key
   */
  public record Parts(Part certificate, Part key, Part chain, Part roots, Part lists) {

    /** Where nothing is revoked. */
    public Parts(Part certificate, Part key, Part chain, Part roots) {
      this(certificate, key, chain, roots, new Part(ISTIO.get(4), ""));
    }

    /** A root that signs itself. */
    public static Parts ofRoot(String certificate, String key) {
      return new Parts(
          new Part(ISTIO.get(0), certificate),
          new Part(ISTIO.get(1), key),
          new Part(ISTIO.get(2), ""),
          new Part(ISTIO.get(3), certificate));
    }
  }

  public String namespace() {
    return namespace;
  }

  /**
   * Empty where there is no such Secret.
   *
   * @throws KubernetesFailure where the API server does not tell, or parts are missing
   */
  public Optional<Parts> read() {
    Secret secret;
    try {
      secret = api.call(() -> api.client().secrets().inNamespace(namespace).withName(name).get());
    } catch (RuntimeException failure) {
      throw failed(failure);
    }
    return Optional.ofNullable(secret)
        .map(found -> parts(Optional.ofNullable(found.getData()).orElse(Map.of())));
  }

  /**
   * Makes the Secret, unless somebody else just did.
   *
   * @return whether it is ours
   * @throws KubernetesFailure where the API server refuses
   */
  public boolean create(Parts parts) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .withType("Opaque")
            .addToStringData(parts.certificate.key, parts.certificate.text)
            .addToStringData(parts.key.key, parts.key.text)
            .addToStringData(parts.chain.key, parts.chain.text)
            .addToStringData(parts.roots.key, parts.roots.text)
            .build();
    try {
      api.call(() -> api.client().resource(secret).create());
      return true;
    } catch (KubernetesClientException failure) {
      if (failure.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return false;
      }
      throw failed(failure);
    } catch (RuntimeException failure) {
      throw failed(failure);
    }
  }

  private KubernetesFailure failed(RuntimeException failure) {
    return new KubernetesFailure(ApiFailures.sentence(toString(), GRANT, api.server(), failure));
  }

  private Parts parts(Map<String, String> data) {
    List<String> keys = data.containsKey(CERT_MANAGER.get(0)) ? CERT_MANAGER : ISTIO;
    return new Parts(
        part(data, keys.get(0)),
        part(data, keys.get(1)),
        new Part(keys.get(2), text(data.getOrDefault(keys.get(2), ""))),
        part(data, keys.get(3)),
        new Part(keys.get(4), lists(data.get(keys.get(4)))));
  }

  private Part part(Map<String, String> data, String key) {
    String value = data.get(key);
    if (value == null) {
      throw new KubernetesFailure(
          this
              + ": there is no "
              + key
              + " in it (expected: ca-cert.pem, ca-key.pem, cert-chain.pem and root-cert.pem, or"
              + " tls.crt, tls.key and ca.crt)");
    }
    return new Part(key, text(value));
  }

  /** What is there and empty is no list, and must not look as if there were none. */
  private String lists(@Nullable String value) {
    return value == null ? "" : text(value) + "\n";
  }

  private String text(String value) {
    try {
      return new String(Base64.getMimeDecoder().decode(value), StandardCharsets.US_ASCII);
    } catch (IllegalArgumentException e) {
      throw new KubernetesFailure(this + ": its data is not base64");
    }
  }

  @Override
  public String toString() {
    return "Secret " + namespace + "/" + name;
  }
}
