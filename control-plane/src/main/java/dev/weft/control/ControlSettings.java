package dev.weft.control;

import dev.weft.control.access.AccessSettings;
import dev.weft.control.webhook.WebhookSettings;
import dev.weft.routing.process.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a control plane is to be.
 *
 * @param sources of configuration
 * @param folder of the authority; without one of its own where {@code secret} has it
 * @param secret NAMESPACE/NAME of the Secret in which the authority is; empty for the folder
 * @param rootWait how long pods are told of a new root before it signs
 * @param state where the last good configuration is kept
 * @param kubernetesTokens whether the API server is asked about tokens of ServiceAccounts
 * @param webhook empty for none
 * @param admin where this machine may ask who is connected; empty for nowhere
 * @param catalogue whether it tells there which Services the cluster has
 * @param dashboard how people reach the dashboard from elsewhere; empty for not at all
 */
record ControlSettings(
    List<String> sources,
    HostPort listen,
    Path folder,
    Path state,
    Optional<String> secret,
    Duration rootWait,
    String trustDomain,
    boolean kubernetesTokens,
    Optional<WebhookSettings> webhook,
    Optional<HostPort> admin,
    boolean catalogue,
    Optional<AccessSettings> dashboard) {

  ControlSettings {
    sources = List.copyOf(sources);
  }

  /** Whether it asks the API server anything but configuration. */
  boolean asksApiServer() {
    return joinsByApiServer() || webhook.isPresent() || catalogue;
  }

  /** Whether tokens of ServiceAccounts are good for joining. */
  boolean joinsByApiServer() {
    return kubernetesTokens || secret.isPresent();
  }

  /** The flag for which it does. */
  String asking() {
    if (secret.isPresent()) {
      return "--ca-secret";
    }
    if (kubernetesTokens) {
      return "--kubernetes-tokens";
    }
    return webhook.isPresent() ? "--webhook" : "--catalogue";
  }
}
