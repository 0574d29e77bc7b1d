package dev.weft.routing.stage.edge;

import dev.weft.config.model.security.IpBlock;
import dev.weft.config.model.settings.edge.EdgePolicy;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * From where callers may come. Who is denied may not, even where he is allowed; an address that is
 * none may not. Immutable.
 */
public final class Addresses {

  /** From anywhere. */
  public static final Addresses ANY = new Addresses(List.of(), List.of());

  private final Blocks allowed;
  private final Blocks denied;

  private Addresses(List<String> allowFrom, List<String> denyFrom) {
    this.allowed = Blocks.of(allowFrom);
    this.denied = Blocks.of(denyFrom);
  }

  public static Addresses of(EdgePolicy policy) {
    return policy.allowFrom().isEmpty() && policy.denyFrom().isEmpty()
        ? ANY
        : new Addresses(policy.allowFrom(), policy.denyFrom());
  }

  /** A block of IPv6 has none of IPv4, so that each family has its own. */
  private record Blocks(Ranges four, Ranges six) {

    static Blocks of(List<String> texts) {
      return new Blocks(family(texts, IpBlock::four), family(texts, block -> !block.four()));
    }

    private static Ranges family(List<String> texts, Predicate<IpBlock> wanted) {
      return new Ranges(
          texts.stream().map(IpBlock::parse).map(Optional::orElseThrow).filter(wanted).toList());
    }

    boolean empty() {
      return four.empty() && six.empty();
    }

    boolean contain(IpBlock address) {
      return (address.four() ? four : six).contain(address);
    }
  }

  /** Whether nobody is refused. */
  public boolean any() {
    return allowed.empty() && denied.empty();
  }

  /**
   * Why a caller may not come; empty where he may.
   *
   * @param address of the caller, e.g. {@code 203.0.113.7}
   */
  public Optional<String> refuse(String address) {
    if (any()) {
      return Optional.empty();
    }
    Optional<IpBlock> one = IpBlock.parse(address);
    if (one.isEmpty()) {
      return Optional.of("its address is unknown");
    }
    if (denied.contain(one.get())) {
      return Optional.of("address " + address + " is in denyFrom");
    }
    return allowed.empty() || allowed.contain(one.get())
        ? Optional.empty()
        : Optional.of("address " + address + " is not in allowFrom");
  }

  /** Whether a caller is denied, whatever else is allowed; so is one whose address is unknown. */
  public boolean deny(String address) {
    return !denied.empty() && IpBlock.parse(address).map(denied::contain).orElse(true);
  }
}
