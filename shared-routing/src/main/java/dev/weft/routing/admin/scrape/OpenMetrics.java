package dev.weft.routing.admin.scrape;

import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Which of the two forms of metrics a scraper wants.
 *
 * <p>Source: RFC 9110 section 12.5.1; Prometheus puts its {@code scrape_protocols} in that order.
 */
public final class OpenMetrics {

  private OpenMetrics() {}

  /** Whether it names OpenMetrics, and likes plain text no better. */
  public static boolean wanted(RoutingContext context) {
    List<MIMEHeader> accepted = context.parsedHeaders().accept();
    double open = weight(accepted, "application", "openmetrics-text");
    return open > 0 && open >= weight(accepted, "text", "plain");
  }

  private static double weight(List<MIMEHeader> accepted, String type, String kind) {
    return accepted.stream()
        .filter(one -> type.equalsIgnoreCase(one.component()))
        .filter(one -> kind.equalsIgnoreCase(one.subComponent()))
        .mapToDouble(MIMEHeader::weight)
        .max()
        .orElse(0);
  }
}
