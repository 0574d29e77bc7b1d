package dev.weft.testkit.trace;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A span as a collector was told of it.
 *
 * @param service of its resource
 * @param resource further attributes of it
 * @param span itself
 */
public record ToldSpan(String service, Map<String, String> resource, Span span) {

  private static final HexFormat HEX = HexFormat.of();

  static Map<String, String> map(List<KeyValue> all) {
    Map<String, String> map = new TreeMap<>();
    all.forEach(one -> map.put(one.getKey(), text(one.getValue())));
    return map;
  }

  private static String text(AnyValue value) {
    return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
  }

  /** 32 digits. */
  public String trace() {
    return HEX.formatHex(span.getTraceId().toByteArray());
  }

  /** 16 digits. */
  public String id() {
    return HEX.formatHex(span.getSpanId().toByteArray());
  }

  /** 16 digits; empty for the first of a trace. */
  public String parent() {
    return HEX.formatHex(span.getParentSpanId().toByteArray());
  }

  /** Whether it is of the side that answers. */
  public boolean server() {
    return span.getKind() == Span.SpanKind.SPAN_KIND_SERVER;
  }

  /** Its attributes, numbers as texts. */
  public Map<String, String> attributes() {
    return map(span.getAttributesList());
  }
}
