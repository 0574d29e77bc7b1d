package dev.weft.routing.exchange.trace;

import dev.weft.routing.exchange.ProxyFailure;
import java.util.Optional;

/**
 * One attempt of an exchange, as it was.
 *
 * @param number from 1
 * @param endpoint {@code host:port}
 * @param span its id; 0 where the exchange is not sampled
 * @param beganNanos of the loop's ticker
 * @param answeredNanos when the head of its answer was there, or it failed; 0 where neither was
 * @param status of its answer; 0 where there was none
 * @param failure why there was none
 * @param breaker the circuit breaker's state when it began
 */
public record AttemptFacts(
    int number,
    String endpoint,
    long span,
    long beganNanos,
    long answeredNanos,
    int status,
    Optional<ProxyFailure> failure,
    String breaker) {}
