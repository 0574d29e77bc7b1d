package dev.weft.testkit.load;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.Optional;

/** What is called, and what counts as a good answer. On the event loop of the load. */
public interface Calls {

  /** An answer, come to its end. */
  record Answer(int status, MultiMap headers, Buffer body) {}

  /**
   * The call of a number, from 0.
   *
   * @return its host is the authority that is sent; the address is this machine's and the port the
   *     load's, where no server is said
   */
  RequestOptions request(long number);

  /** The call's body; nothing unless said. */
  default Buffer body(long number) {
    return Buffer.buffer();
  }

  /**
   * Why an answer counts as failed; empty where it is good: with status 200 unless said. A proxy's
   * own answer tells its cause (RFC 9209).
   */
  default Optional<String> fault(long number, Answer answer) {
    if (answer.status() == 200) {
      return Optional.empty();
    }
    String cause = answer.headers().get("proxy-status");
    return Optional.of("status " + answer.status() + (cause == null ? "" : ", " + cause));
  }

  /** GET of one path. */
  static Calls get(String authority, String uri) {
    return number -> new RequestOptions().setMethod(HttpMethod.GET).setHost(authority).setURI(uri);
  }
}
