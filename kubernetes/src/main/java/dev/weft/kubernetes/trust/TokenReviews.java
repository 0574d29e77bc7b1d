package dev.weft.kubernetes.trust;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells whose a ServiceAccount's token is, by asking the API server: what the token says of itself
 * counts nothing. The API server looks whether the account, and the pod that the token is bound to,
 * are still there. Any thread may enter, but event loops: it waits for the answer.
 *
 * <p>Source: TokenReview of {@code authentication.k8s.io/v1}.
 */
public final class TokenReviews {

  /** The audience that a token has to be for. */
  public static final String AUDIENCE = "weft";

  private static final String ACCOUNTS = "system:serviceaccount:";
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

  private final KubernetesApi api;

  public TokenReviews(KubernetesApi api) {
    this.api = api;
  }

  /** Why a token is none of ours; its message is a sentence. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * A ServiceAccount.
   *
   * @param pod that the token is bound to; empty for one that was made for no pod
   */
  public record Account(String namespace, String name, Optional<Pod> pod) {}

  /** A pod, and which of those that had its name one after the other. */
  public record Pod(String name, String uid) {}

  /**
   * @throws Refused where it is nobody's, or not for {@link #AUDIENCE}
   * @throws KubernetesFailure where the API server does not tell
   */
  public Account review(String token) throws Refused {
    if (token.isBlank()) {
      throw new Refused("the token is empty"); // the API server takes the question for a mistake
    }
    TokenReview asked =
        new TokenReviewBuilder()
            .withNewSpec()
            .withToken(token)
            .withAudiences(AUDIENCE)
            .endSpec()
            .build();
    TokenReview answer;
    try {
      answer = api.call(() -> api.client().tokenReviews().create(asked));
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence("TokenReview", "create on tokenreviews", api.server(), failure));
    }
    return account(answer.getStatus());
  }

  private static Account account(TokenReviewStatus status) throws Refused {
    if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
      throw new Refused(
          "the API server does not accept the token: it has ended, is for another audience than "
              + AUDIENCE
              + ", or its account or pod is gone");
    }
    List<String> audiences = status.getAudiences();
    if (audiences == null || !audiences.contains(AUDIENCE)) {
      throw new Refused("the token is not for the audience " + AUDIENCE);
    }
    UserInfo user = status.getUser();
    String[] parts = user.getUsername().split(":", -1);
    if (!user.getUsername().startsWith(ACCOUNTS) || parts.length != 4) {
      throw new Refused("the token is no ServiceAccount's");
    }
    return new Account(parts[2], parts[3], pod(user));
  }

  private static Optional<Pod> pod(UserInfo user) {
    Optional<String> name = extra(user, POD_NAME);
    Optional<String> uid = extra(user, POD_UID);
    return name.isPresent() && uid.isPresent()
        ? Optional.of(new Pod(name.get(), uid.get()))
        : Optional.empty();
  }

  private static Optional<String> extra(UserInfo user, String key) {
    Map<String, List<String>> extra = user.getExtra();
    List<String> values = extra == null ? List.of() : extra.getOrDefault(key, List.of());
    return values.stream().findFirst();
  }
}
