package dev.weft.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What went wrong with the API server, in one sentence. */
public final class ApiFailures {

  private static final int MOST_CAUSES = 20;

  private ApiFailures() {}

  /**
   * @param what was wanted, e.g. {@code configmap:prod/routes}
   */
  static String sentence(String what, String server, Throwable failure) {
    return sentence(what, "get, list and watch on configmaps", server, failure);
  }

  /**
   * @param what was wanted, e.g. {@code configmap:prod/routes}
   * @param grant what is to be allowed where the API server says that it is not, e.g. {@code create
   *     on tokenreviews}
   */
  public static String sentence(String what, String grant, String server, Throwable failure) {
    return what + ": " + reason(grant, server, failure);
  }

  private static String reason(String grant, String server, Throwable failure) {
    Optional<KubernetesClientException> answer =
        cause(failure, KubernetesClientException.class).filter(each -> each.getCode() > 0);
    if (answer.isPresent()) {
      return answered(grant, answer.get());
    }
    if (cause(failure, CertificateException.class).isPresent()) {
      return server + " shows a certificate that the configured CA did not sign for that name";
    }
    if (cause(failure, SSLException.class).isPresent()) {
      return "TLS with " + server + " failed: " + firstLine(root(failure).getMessage());
    }
    if (cause(failure, UnknownHostException.class).isPresent()) {
      return server + " cannot be reached: its name is unknown";
    }
    if (cause(failure, ConnectException.class).isPresent()) {
      return server + " cannot be reached: connection refused";
    }
    if (cause(failure, TimeoutException.class).isPresent()) {
      return server + " does not answer in time";
    }
    return server + " cannot be asked: " + firstLine(root(failure).getMessage());
  }

  private static String answered(String grant, KubernetesClientException answer) {
    String told = answer.getStatus() == null ? null : answer.getStatus().getMessage();
    String message = firstLine(told == null ? answer.getMessage() : told);
    return switch (answer.getCode()) {
      case 401 -> "the API server does not accept the credentials (401)";
      case 403 -> "not allowed (403): " + message + "; grant " + grant;
      default -> "the API server answered " + answer.getCode() + ": " + message;
    };
  }

  private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
    @Nullable Throwable each = failure;
    for (int i = 0; each != null && i < MOST_CAUSES; i++) {
      if (type.isInstance(each)) {
        return Optional.of(type.cast(each));
      }
      each = each.getCause();
    }
    return Optional.empty();
  }

  private static Throwable root(Throwable failure) {
    Throwable deepest = failure;
    for (int i = 0; i < MOST_CAUSES; i++) {
      Throwable next = deepest.getCause();
      if (next == null) {
        break;
      }
      deepest = next;
    }
    return deepest;
  }

  private static String firstLine(@Nullable String message) {
    return message == null
        ? "for a reason it does not tell"
        : message.lines().findFirst().orElse("");
  }
}
