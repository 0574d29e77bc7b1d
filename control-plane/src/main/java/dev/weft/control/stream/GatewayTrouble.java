package dev.weft.control.stream;

/**
 * What gateways say of a Gateway that holds for them.
 *
 * @param words that go on after the Gateway's name
 * @param on how many gateways
 * @param of how many that have it
 */
public record GatewayTrouble(String namespace, String name, String words, int on, int of) {

  /** Without how many say so, which may change from one second to the next. */
  public String sentence() {
    return "Gateway " + namespace + "/" + name + " " + words;
  }

  /** E.g. {@code Gateway edge/web, on 1 of 2 gateways, cannot listen on 0.0.0.0:443: ...}. */
  @Override
  public String toString() {
    String where = of == 1 ? " " : ", on " + on + " of " + of + " gateways, ";
    return "Gateway " + namespace + "/" + name + where + words;
  }
}
