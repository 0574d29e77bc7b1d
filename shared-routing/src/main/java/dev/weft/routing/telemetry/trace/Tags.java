package dev.weft.routing.telemetry.trace;

import dev.weft.config.model.telemetry.CustomTag;
import dev.weft.config.model.telemetry.CustomTag.Source;
import dev.weft.routing.exchange.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The attributes that configuration adds: those that do not change are settled once. Immutable.
 *
 * <p>Source: Istio {@code Tracing.customTags}.
 */
public final class Tags {

  /** None. */
  public static final Tags NONE = new Tags(List.of(), Map.of());

  private final List<Tag> settled;
  private final List<CustomTag> asked; // of each request

  /** An attribute. */
  public record Tag(String name, String value) {}

  /**
   * @param environment of the process
   */
  public Tags(List<CustomTag> wanted, Map<String, String> environment) {
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
  }

  List<Tag> of(RequestHead head) {
    if (asked.isEmpty()) {
      return settled;
    }
    List<Tag> all = new ArrayList<>(settled);
    for (CustomTag tag : asked) {
      String sent = head.headers().get(tag.key());
      String value = sent == null ? tag.absent() : sent;
      if (!value.isEmpty()) {
        all.add(new Tag(tag.name(), HopTrace.cut(value)));
      }
    }
    return all;
  }
}
