package dev.weft.routing.telemetry.trace;

import dev.weft.config.model.telemetry.CustomTag;
import dev.weft.config.model.telemetry.CustomTag.Source;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.telemetry.line.Taken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The attributes that configuration adds: those that do not change are settled once. Immutable.
 *
 * <p>Source: Istio {@code Tracing.customTags}.
 */
public final class Tags {

  /** None. */
  public static final Tags NONE = new Tags(List.of(), Map.of(), Set.of());

  private final List<Tag> settled;
  private final List<CustomTag> asked; // of each request
  private final Set<String> redacted;

  /** An attribute. */
  public record Tag(String name, String value) {}

  /**
   * @param environment of the process
   * @param redacted headers of which only it is told that they were there; in lower case
   */
  public Tags(List<CustomTag> wanted, Map<String, String> environment, Set<String> redacted) {
    List<Tag> all = new ArrayList<>();
    List<CustomTag> headers = new ArrayList<>();
    for (CustomTag tag : wanted) {
      if (tag.source() == Source.HEADER) {
        headers.add(tag);
        continue;
      }
      String value =
          tag.source() == Source.LITERAL
              ? tag.key()
              : environment.getOrDefault(tag.key(), tag.absent());
      if (!value.isEmpty()) {
        all.add(new Tag(tag.name(), value));
      }
    }
    this.settled = List.copyOf(all);
    this.asked = List.copyOf(headers);
    this.redacted = Set.copyOf(redacted);
  }

  List<Tag> of(RequestHead head) {
    if (asked.isEmpty()) {
      return settled;
    }
    List<Tag> all = new ArrayList<>(settled);
    for (CustomTag tag : asked) {
      String sent = head.headers().get(tag.key());
      String value = sent == null ? tag.absent() : shown(tag.key(), sent);
      if (!value.isEmpty()) {
        all.add(new Tag(tag.name(), HopTrace.cut(value)));
      }
    }
    return all;
  }

  private String shown(String header, String sent) {
    return redacted.contains(header.toLowerCase(Locale.ROOT)) ? Taken.REDACTED : sent;
  }
}
