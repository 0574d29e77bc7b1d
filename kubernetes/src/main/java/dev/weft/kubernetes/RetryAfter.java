package dev.weft.kubernetes;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Reads of each answer 429 or 503 how long the API server, or what stands before it, asks to be
 * left alone; before anyone that called gets that answer.
 *
 * <p>Any thread.
 *
 * <p>Source: RFC 9110, 10.2.3; the API server writes seconds.
 */
final class RetryAfter implements Interceptor {

  private static final String HEADER = "Retry-After";
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;
  private static final int MOST_DIGITS = 9;
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT);

  private final Ticker ticker;
  private final List<Consumer<Duration>> told = new CopyOnWriteArrayList<>();

  RetryAfter() {
    this(new SystemTicker());
  }

  RetryAfter(Ticker ticker) {
    this.ticker = ticker;
  }

  void tell(Consumer<Duration> listener) {
    told.add(listener);
  }

  @Override
  public CompletableFuture<Boolean> afterFailure(
      BasicBuilder builder, HttpResponse<?> response, RequestTags tags) {
    if (response.code() == TOO_MANY || response.code() == UNAVAILABLE) {
      Optional.ofNullable(response.header(HEADER))
          .flatMap(this::wish)
          .ifPresent(wish -> told.forEach(listener -> listener.accept(wish)));
    }
    return CompletableFuture.completedFuture(
        false); // whoever called asks again when its time comes
  }

  /** Empty for what is no time, or one that is over. */
  Optional<Duration> wish(String value) {
    String trimmed = value.trim();
    if (trimmed.matches("[0-9]+")) {
      String bounded = trimmed.length() > MOST_DIGITS ? "9".repeat(MOST_DIGITS) : trimmed;
      return Optional.of(Duration.ofSeconds(Long.parseLong(bounded)));
    }
    try {
      Instant date = DATE.parse(trimmed, Instant::from);
      return Optional.of(Duration.between(Instant.ofEpochMilli(ticker.epochMillis()), date))
          .filter(wish -> !wish.isNegative());
    } catch (DateTimeException noTime) {
      return Optional.empty();
    }
  }
}
