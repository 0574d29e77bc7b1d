package dev.weft.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The authority by which the API server verifies a webhook: {@code caBundle} of all webhooks of one
 * configuration. Not for event loops.
 */
public final class WebhookBundle {

  private final String name;
  private final String kind;
  private final String server;
  private final Kept<?> kept;
  private final KubernetesApi api;

  /** How its kind is read and written. */
  private record Kept<T extends HasMetadata>(
      KubernetesClient client,
      Resource<T> resource,
      Function<T, List<WebhookClientConfig>> webhooks) {

    /** Whether there is one, and whether it was written. */
    enum Done {
      ABSENT,
      RIGHT,
      WRITTEN
    }

    boolean holds(String pem) {
      T now = resource.get();
      return now == null
          || webhooks.apply(now).stream().allMatch(one -> text(one.getCaBundle()).contains(pem));
    }

    private static String text(@Nullable String base64) {
      try {
        return base64 == null
            ? ""
            : new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException broken) {
        return "";
      }
    }

    Done keep(String wanted) {
      T now = resource.get();
      if (now == null) {
        return Done.ABSENT;
      }
      List<WebhookClientConfig> all = webhooks.apply(now);
      if (all.stream().allMatch(one -> wanted.equals(one.getCaBundle()))) {
        return Done.RIGHT;
      }
      all.forEach(one -> one.setCaBundle(wanted));
      client.resource(now).update(); // fails where somebody wrote in between
      return Done.WRITTEN;
    }
  }

  private WebhookBundle(KubernetesApi api, String name, String kind, Kept<?> kept) {
    this.name = name;
    this.kind = kind;
    this.server = api.server();
    this.api = api;
    this.kept = kept;
  }

  /** Of a MutatingWebhookConfiguration. */
  public static WebhookBundle mutating(KubernetesApi api, String name) {
    Resource<MutatingWebhookConfiguration> resource =
        api.client().admissionRegistration().v1().mutatingWebhookConfigurations().withName(name);
    Kept<MutatingWebhookConfiguration> kept =
        new Kept<>(
            api.client(),
            resource,
            one -> one.getWebhooks().stream().map(MutatingWebhook::getClientConfig).toList());
    return new WebhookBundle(api, name, "MutatingWebhookConfiguration", kept);
  }

  /** Of a ValidatingWebhookConfiguration. */
  public static WebhookBundle validating(KubernetesApi api, String name) {
    Resource<ValidatingWebhookConfiguration> resource =
        api.client().admissionRegistration().v1().validatingWebhookConfigurations().withName(name);
    Kept<ValidatingWebhookConfiguration> kept =
        new Kept<>(
            api.client(),
            resource,
            one -> one.getWebhooks().stream().map(ValidatingWebhook::getClientConfig).toList());
    return new WebhookBundle(api, name, "ValidatingWebhookConfiguration", kept);
  }

  /** What came of it: a sentence for people, empty where nothing was to do. */
  public record Outcome(String sentence) {}

  /** Of which configuration. */
  public String name() {
    return name;
  }

  /**
   * Writes the authority where something else stands; writes nothing otherwise.
   *
   * @param pem of the authority's certificate
   */
  public Outcome keep(String pem) {
    String wanted = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
    try {
      return new Outcome(
          switch (api.call(() -> kept.keep(wanted))) {
            case ABSENT -> "there is no " + kind + " " + name + " yet";
            case RIGHT -> "";
            case WRITTEN -> "caBundle of " + name + " is ours now";
          });
    } catch (RuntimeException failure) {
      return new Outcome(ApiFailures.sentence("caBundle of " + name, grant(), server, failure));
    }
  }

  /**
   * Whether the API server verifies all its webhooks by this authority, among others maybe; also
   * where there are none, since then nobody is verified.
   *
   * @param pem of the authority's certificate
   * @throws KubernetesFailure where the API server does not tell
   */
  public boolean holds(String pem) {
    try {
      return api.call(() -> kept.holds(pem));
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence("caBundle of " + name, grant(), server, failure));
    }
  }

  private String grant() {
    return "get and update on " + kind.toLowerCase(Locale.ROOT) + "s";
  }
}
