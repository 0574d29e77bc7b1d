package dev.weft.routing.exchange.trace;

/**
 * What a request was probably asked for that did not say so: its application did not pass on the
 * headers of the trace.
 *
 * @param to the request that came in
 * @param by what tells so
 */
public record InferredLink(TraceContext to, Evidence by) {

  /** What an inference stands on. */
  public enum Evidence {
    /** Both have the same {@code x-request-id}. */
    REQUEST_ID("request_id"),
    /** No other request was under way in the application. */
    ALONE("only_request_under_way");

    private final String word;

    Evidence(String word) {
      this.word = word;
    }

    /** As spans and pages tell it. */
    public String word() {
      return word;
    }
  }
}
