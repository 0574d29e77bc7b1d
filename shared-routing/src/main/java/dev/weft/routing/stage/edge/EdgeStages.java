package dev.weft.routing.stage.edge;

import dev.weft.routing.exchange.Stage;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands above the steps of some rules at a gateway.
 *
 * @param telling above all that the proxy answers by itself
 * @param asking below what is asked of every request, whatever its rule
 */
public record EdgeStages(List<Stage> telling, List<Stage> asking) {

  /** Nothing. */
  public static final EdgeStages NONE = new EdgeStages(List.of(), List.of());

  /** The same with another one above all. */
  EdgeStages below(Stage outermost) {
    List<Stage> all = new ArrayList<>(List.of(outermost));
    all.addAll(telling);
    return new EdgeStages(all, asking);
  }

  public EdgeStages {
    telling = List.copyOf(telling);
    asking = List.copyOf(asking);
  }
}
