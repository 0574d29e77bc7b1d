package dev.weft.config.model.balance;

/**
 * Leaves endpoints out that succeed far less often than the others. Istio has it switched off and
 * no field for it: it stands in annotations of a DestinationRule, {@code
 * weft.dev/success-rate-ejection} and those that begin {@code weft.dev/success-rate-}.
 *
 * <p>Source: Envoy's success rate detector, with its defaults.
 *
 * @param hosts that must have had enough requests in an interval, from 2, default 5
 * @param requests that are enough, from 1, default 100
 * @param factor how many standard deviations below the mean are too far, in thousandths, from 1,
 *     default 1900
 */
public record SuccessRate(int hosts, int requests, int factor) {}
