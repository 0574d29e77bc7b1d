package dev.weft.config.model.telemetry;

import dev.weft.config.model.settings.Log.Side;

/**
 * What one entry of a Telemetry says of the access log.
 *
 * <p>Source: Istio telemetry/v1 {@code AccessLogging}.
 *
 * @param mode of which traffic
 * @param side what holds for it
 */
public record AccessLogging(Mode mode, Side side) {

  /** A direction of traffic; what a gateway takes counts as a client's, as in Istio. */
  public enum Mode {
    CLIENT_AND_SERVER,
    CLIENT,
    SERVER;

    boolean includes(Mode one) {
      return this == CLIENT_AND_SERVER || this == one;
    }
  }
}
