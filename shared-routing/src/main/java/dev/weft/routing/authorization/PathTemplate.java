package dev.weft.routing.authorization;

import java.util.ArrayList;
import java.util.List;

/**
 * A path whose segment <code>{*}</code> is any one that is not empty, and whose <code>{**}</code>,
 * the last operator, is anything, slashes too.
 *
 * <p>Source: Istio security/v1 {@code AuthorizationPolicy}, {@code paths}.
 */
final class PathTemplate implements Word {

  private static final String ONE = "{*}";
  private static final String MANY = "{**}";

  private final List<String> texts = new ArrayList<>(); // a segment stands between two of them
  private final boolean many;
  private final String end;

  /**
   * @param template checked when it was read
   */
  PathTemplate(String template) {
    int last = template.indexOf(MANY);
    this.many = last >= 0;
    this.end = many ? template.substring(last + MANY.length()) : "";
    String head = many ? template.substring(0, last) : template;
    int from = 0;
    for (int at = head.indexOf(ONE); at >= 0; at = head.indexOf(ONE, from)) {
      texts.add(head.substring(from, at));
      from = at + ONE.length();
    }
    texts.add(head.substring(from));
  }

  @Override
  public boolean matches(String path) {
    int at = 0;
    for (int i = 0; i < texts.size(); i++) {
      if (i > 0) {
        int slash = path.indexOf('/', at);
        int behind = slash < 0 ? path.length() : slash;
        if (behind == at) {
          return false;
        }
        at = behind;
      }
      if (!path.startsWith(texts.get(i), at)) {
        return false;
      }
      at += texts.get(i).length();
    }
    return many ? path.length() - at >= end.length() && path.endsWith(end) : at == path.length();
  }
}
