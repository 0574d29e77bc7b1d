package dev.weft.kubernetes;

/** The API server cannot be used; the message is one sentence that tells why. */
public final class KubernetesFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * @param sentence without a stop, for the operator
   */
  public KubernetesFailure(String sentence) {
    super(sentence, null, false, false);
  }
}
