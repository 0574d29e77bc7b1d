package dev.weft.cli.doctor;

import dev.weft.kubernetes.cluster.Rehearsal;
import dev.weft.kubernetes.cluster.WebhookInfo;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Webhook configurations, the authority in them, and what comes of being asked. */
final class WebhookChecks {

  private static final Duration SOON = Duration.ofDays(30);
  private static final String KEEPS =
      "the control plane (--webhook) keeps it right every ten seconds: look at its log";

  private static final String REACH =
      "the API server must reach service weft-control, and trust what it shows";

  private WebhookChecks() {}

  /**
   * A configuration, and what came of the question to it.
   *
   * @param file that there is for it
   */
  static List<Finding> of(
      String name, String file, Optional<List<WebhookInfo>> webhooks, Instant now) {
    if (webhooks.isEmpty()) {
      return List.of(Finding.warn("there is no " + name, "kubectl apply -f " + file));
    }
    List<String> without =
        webhooks.get().stream()
            .filter(one -> one.caBundle().isBlank())
            .map(WebhookInfo::name)
            .toList();
    if (!without.isEmpty()) {
      String which = String.join(", ", without);
      return List.of(Finding.fail(name + ": no caBundle of " + which, KEEPS));
    }
    List<Finding> all = new ArrayList<>();
    webhooks.get().stream()
        .map(WebhookInfo::caBundle)
        .distinct()
        .forEach(bundle -> all.add(authority(name, bundle, now)));
    return all;
  }

  private static Finding authority(String name, String bundle, Instant now) {
    Optional<Instant> ends = ends(bundle);
    if (ends.isEmpty()) {
      return Finding.fail(name + ": what stands in caBundle is no certificate", KEEPS);
    }
    String until = name + ": its authority is good until " + ends.get();
    if (!ends.get().isAfter(now)) {
      return Finding.fail(name + ": its authority ended " + ends.get(), "renew the authority");
    }
    return ends.get().isAfter(now.plus(SOON))
        ? Finding.ok(until)
        : Finding.warn(until, "renew the authority before");
  }

  /** When the first of them ends; empty where it is not all certificates. */
  static Optional<Instant> ends(String pem) {
    try {
      byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(bytes))
          .stream()
          .map(one -> ((X509Certificate) one).getNotAfter().toInstant())
          .min(Instant::compareTo);
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }

  /** A pod that asks for a sidecar. */
  static Finding injected(Rehearsal.Result result) {
    if ("true".equals(result.labels().get("weft.dev/injected"))) {
      return Finding.ok("a pod that asks for a sidecar would get one");
    }
    if (result.refused().filter(WebhookChecks::mayNot).isPresent()) {
      return Finding.warn(
          "whether a pod would get a sidecar cannot be told: " + result.refused().get(),
          "ask as somebody who may create pods in namespace default");
    }
    return Finding.fail(
        "a pod that asks for a sidecar would "
            + result.refused().map(why -> "not be made: " + why).orElse("be made without one"),
        REACH);
  }

  /** Whether it was never asked, since who asks may not make such an object. */
  private static boolean mayNot(String refused) {
    return refused.contains(" is forbidden: User ");
  }

  /** A ConfigMap that is broken. */
  static Finding refused(Rehearsal.Result result) {
    String why = result.refused().orElse("");
    if (why.contains("weft.dev") && why.contains("denied the request")) {
      return Finding.ok("a broken ConfigMap would be refused");
    }
    return Finding.warn(
        why.isEmpty()
            ? "a broken ConfigMap would be taken without a word"
            : "whether a broken ConfigMap would be refused cannot be told: " + why,
        REACH);
  }
}
