package dev.weft.config.model.security;

import dev.weft.config.problem.Place;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A service that is asked whether a request may go on, before policies that deny and allow.
 *
 * <p>Source: Istio mesh/v1alpha1 {@code MeshConfig.ExtensionProvider}, {@code envoyExtAuthzHttp}
 * and {@code envoyExtAuthzGrpc}.
 *
 * @param name by which policies name it
 * @param host full name of its service
 * @param port of the service, 1 to 65535
 * @param timeout of one check, 1 ms to 10 min
 * @param failOpen whether a request goes on where no answer comes
 * @param statusOnError of the answer where no answer comes and it does not, 400 to 599
 * @param body what of a request's body it is told; empty for nothing
 * @param kept what of a request's head it is not told
 * @param http how it is asked over HTTP; empty where it is asked over gRPC
 * @param place of the entry
 */
public record ExternalAuthorizer(
    String name,
    String host,
    int port,
    Duration timeout,
    boolean failOpen,
    int statusOnError,
    Optional<BodyInCheck> body,
    KeptBack kept,
    Optional<HttpCheck> http,
    Place place) {

  /** How long a check takes at most unless said. */
  public static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** What is answered where the authorizer does not, unless said. */
  public static final int FORBIDDEN = 403;

  /**
   * What goes on with a request, or is looked at here, and is none of the authorizer's business.
   *
   * @param headers names in lower case; {@code abc*} and {@code *abc} stand for those that begin
   *     and end so
   * @param parameters of the query, to the letter
   */
  public record KeptBack(List<String> headers, List<String> parameters) {

    /** Nothing. */
    public static final KeptBack NOTHING = new KeptBack(List.of(), List.of());

    public KeptBack {
      headers = List.copyOf(headers);
      parameters = List.copyOf(parameters);
    }
  }

  /**
   * What of a body is told.
   *
   * @param maxRequestBytes 1 to 1 MiB
   * @param allowPartialMessage whether the beginning of a longer one will do; it is refused with
   *     413 otherwise
   * @param packAsBytes whether gRPC gets it as bytes, not as a text
   */
  public record BodyInCheck(int maxRequestBytes, boolean allowPartialMessage, boolean packAsBytes) {
    /** The most that may be told of a body. */
    public static final int MOST = 1 << 20;
  }

  /**
   * How a check over HTTP is made, and what counts of its answer. Names of headers are in lower
   * case; {@code abc*} and {@code *abc} stand for those that begin and end so.
   *
   * @param pathPrefix before the request's own path; may be empty
   * @param include of the request's headers, beside {@code authorization}
   * @param add further headers, by name
   * @param toUpstream headers of an answer that allows, for the request
   * @param toDownstreamOnDeny headers of an answer that denies, for the caller; empty for all
   * @param toDownstreamOnAllow headers of an answer that allows, for the caller
   */
  public record HttpCheck(
      String pathPrefix,
      List<String> include,
      Map<String, String> add,
      List<String> toUpstream,
      List<String> toDownstreamOnDeny,
      List<String> toDownstreamOnAllow) {

    public HttpCheck {
      include = List.copyOf(include);
      add = Map.copyOf(add);
      toUpstream = List.copyOf(toUpstream);
      toDownstreamOnDeny = List.copyOf(toDownstreamOnDeny);
      toDownstreamOnAllow = List.copyOf(toDownstreamOnAllow);
    }
  }
}
