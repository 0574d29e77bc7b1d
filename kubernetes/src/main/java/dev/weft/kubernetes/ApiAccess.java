package dev.weft.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the API server and the credentials for it: {@code KUBECONFIG}, else the ServiceAccount of
 * the pod, else {@code ~/.kube/config}. A pod's API server is where {@code WEFT_KUBERNETES_HOST}
 * and {@code WEFT_KUBERNETES_PORT} say, else where the kubelet's {@code KUBERNETES_SERVICE_HOST}
 * and {@code _PORT} do, which a library of the process may need to say something else. The server's
 * certificate is always verified: what asks to skip that is refused.
 */
final class ApiAccess {

  private static final int CONNECT_MILLIS = 5_000;
  private static final int REQUEST_MILLIS =
      4_000; // without a word: it would not be back within 5 s otherwise
  private static final int RECONNECT_MILLIS =
      1_500; // after 410, which the informer answers by itself

  private ApiAccess() {}

  /**
   * Where to look.
   *
   * @param environment variables of the process
   * @param home of the user
   * @param serviceAccount where a pod finds {@code token}, {@code ca.crt} and {@code namespace}
   */
  record Places(Map<String, String> environment, Path home, Path serviceAccount) {

    static Places ofThisProcess() {
      return new Places(
          System.getenv(),
          Path.of(System.getProperty("user.home", "/")),
          Path.of("/var/run/secrets/kubernetes.io/serviceaccount"));
    }
  }

  /** What was found: the settings, and the namespace that the process runs in where it is a pod. */
  record Found(Config config, Optional<String> ownNamespace) {}

  /**
   * @throws KubernetesFailure when there is nothing, or what there is must not be used
   */
  static Found find(Places places) {
    Optional<Path> named = named(places.environment());
    Path token = places.serviceAccount().resolve("token");
    Optional<String> host = said(places, "WEFT_KUBERNETES_HOST", "KUBERNETES_SERVICE_HOST");
    Path usual = places.home().resolve(".kube").resolve("config");
    if (named.isPresent()) {
      return new Found(safe(ofFile(named.get())), Optional.empty());
    }
    if (host.isPresent() && Files.exists(token)) {
      return new Found(safe(ofPod(places, host.get())), ownNamespace(places));
    }
    if (Files.exists(usual)) {
      return new Found(safe(ofFile(usual)), Optional.empty());
    }
    throw new KubernetesFailure(
        "no Kubernetes here: KUBECONFIG is not set, this is not a pod, and "
            + usual
            + " is not there");
  }

  private static Optional<Path> named(Map<String, String> environment) {
    String value = environment.getOrDefault("KUBECONFIG", "");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return Stream.of(value.split(File.pathSeparator, -1))
        .filter(part -> !part.isEmpty())
        .map(Path::of)
        .filter(Files::exists)
        .findFirst()
        .or(
            () -> {
              throw new KubernetesFailure("KUBECONFIG: " + value + " is not there");
            });
  }

  private static Config ofFile(Path file) {
    try {
      Config config = Config.fromKubeconfig(file.toFile());
      if (config.getCurrentContext() == null) {
        throw new KubernetesFailure(file + ": no current-context, or one that it does not define");
      }
      return config;
    } catch (KubernetesFailure told) {
      throw told;
    } catch (RuntimeException broken) {
      throw new KubernetesFailure(file + " is not a kubeconfig: " + broken.getMessage());
    }
  }

  /** By the variable that comes first. */
  private static Optional<String> said(Places places, String first, String second) {
    Map<String, String> all = places.environment();
    return Stream.of(first, second)
        .flatMap(name -> Stream.ofNullable(all.get(name)))
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  private static Config ofPod(Places places, String host) {
    Path authority = places.serviceAccount().resolve("ca.crt");
    if (!Files.isReadable(authority)) {
      throw new KubernetesFailure(authority + ": not there, so the API server cannot be verified");
    }
    String port = said(places, "WEFT_KUBERNETES_PORT", "KUBERNETES_SERVICE_PORT").orElse("443");
    String bracketed = host.indexOf(':') < 0 ? host : "[" + host + "]";
    Path token = places.serviceAccount().resolve("token");
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://" + bracketed + ":" + port + "/")
        .withCaCertFile(authority.toString())
        .withOauthTokenProvider(() -> read(token)) // at each request: the kubelet renews it
        .build();
  }

  private static Config safe(Config config) {
    if (config.isTrustCerts() || config.isDisableHostnameVerification()) {
      throw new KubernetesFailure(
          "insecure-skip-tls-verify: true (expected: false); name the API server's CA instead");
    }
    if (!config.getMasterUrl().startsWith("https://")) {
      throw new KubernetesFailure(
          "server " + config.getMasterUrl() + " (expected: https://...); plain text is refused");
    }
    return new ConfigBuilder(config)
        .withConnectionTimeout(CONNECT_MILLIS)
        .withRequestTimeout(REQUEST_MILLIS)
        .withRequestRetryBackoffLimit(0) // the informer tries again, and tells between
        .withWatchReconnectInterval(RECONNECT_MILLIS)
        .build();
  }

  private static Optional<String> ownNamespace(Places places) {
    Path file = places.serviceAccount().resolve("namespace");
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).trim();
    } catch (IOException gone) {
      throw new UncheckedIOException(file + " cannot be read", gone);
    }
  }
}
