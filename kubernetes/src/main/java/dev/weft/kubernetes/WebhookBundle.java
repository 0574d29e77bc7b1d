package dev.weft.kubernetes;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The authority by which the API server verifies a webhook: {@code caBundle} of all webhooks of one
 * MutatingWebhookConfiguration. Not for event loops.
 */
public final class WebhookBundle {

  private static final String GRANT = "get and update on mutatingwebhookconfigurations";

  private final KubernetesApi api;
  private final String name;

  public WebhookBundle(KubernetesApi api, String name) {
    this.api = api;
    this.name = name;
  }

  /** What came of it: a sentence for people, empty where nothing was to do. */
  public record Outcome(String sentence) {}

  /**
   * Writes the authority where something else stands; writes nothing otherwise.
   *
   * @param pem of the authority's certificate
   */
  public Outcome keep(String pem) {
    String wanted = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
    try {
      MutatingWebhookConfiguration now = resource().get();
      if (now == null) {
        return new Outcome("there is no MutatingWebhookConfiguration " + name + " yet");
      }
      if (now.getWebhooks().stream().allMatch(one -> wanted.equals(bundle(one)))) {
        return new Outcome("");
      }
      now.getWebhooks().forEach(one -> one.getClientConfig().setCaBundle(wanted));
      api.client().resource(now).update(); // fails where somebody wrote in between
      return new Outcome("caBundle of " + name + " is ours now");
    } catch (RuntimeException failure) {
      return new Outcome(ApiFailures.sentence("caBundle of " + name, GRANT, api.server(), failure));
    }
  }

  private static String bundle(MutatingWebhook webhook) {
    String bundle = webhook.getClientConfig().getCaBundle();
    return bundle == null ? "" : bundle;
  }

  private Resource<MutatingWebhookConfiguration> resource() {
    return api.client().admissionRegistration().v1().mutatingWebhookConfigurations().withName(name);
  }
}
