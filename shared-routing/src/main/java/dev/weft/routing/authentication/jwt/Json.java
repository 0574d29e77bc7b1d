package dev.weft.routing.authentication.jwt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Objects of JSON as values: without nulls, never changed, each name once. */
final class Json {

  private static final int DEEPEST = 32;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private Json() {}

  /** Empty where it is no object, or one that could be read in two ways. */
  static Optional<Map<String, Object>> object(String text) {
    try {
      return Optional.ofNullable(MAPPER.readValue(text, OBJECT)).map(Json::settled);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  static String text(Object value) throws JsonProcessingException {
    return MAPPER.writeValueAsString(value);
  }

  private static Map<String, Object> settled(Map<?, ?> map) {
    Map<String, Object> all = new LinkedHashMap<>();
    map.forEach(
        (name, value) -> {
          Object known = settled(value);
          if (known != null) {
            all.put(String.valueOf(name), known);
          }
        });
    return Collections.unmodifiableMap(all);
  }

  private static @Nullable Object settled(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return settled(map);
    }
    if (value instanceof List<?> list) {
      List<Object> all = new ArrayList<>(list.size());
      for (Object one : list) {
        Object known = settled(one);
        if (known != null) {
          all.add(known);
        }
      }
      return Collections.unmodifiableList(all);
    }
    return value;
  }
}
