package dev.weft.routing.listener.detect;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsyncMapping;
import io.netty.util.concurrent.Future;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * As Netty's, but who offers {@link #PROTOCOL} is an authority that wants a proof of a name, and is
 * shown that.
 *
 * <p>Source: TLS-ALPN-01 (RFC 8737).
 */
public final class ProvingSniHandler extends BoundedSniHandler {

  /** What such an authority offers by ALPN, and nothing else; nothing is said in it. */
  public static final String PROTOCOL = "acme-tls/1";

  private final Function<String, Optional<SslContext>> proofs;
  private boolean asked;

  /**
   * @param contexts for everybody else
   * @param proofs by name, in lower case
   */
  public ProvingSniHandler(
      AsyncMapping<String, SslContext> contexts,
      long patienceMillis,
      Function<String, Optional<SslContext>> proofs) {
    super(contexts, patienceMillis);
    this.proofs = proofs;
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext context, @Nullable ByteBuf hello)
      throws Exception {
    asked = hello != null && HelloParser.offers(hello, PROTOCOL);
    return super.lookup(context, hello);
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext context, @Nullable String name)
      throws Exception {
    if (!asked || name == null) {
      return super.lookup(context, name);
    }
    return proofs
        .apply(name.toLowerCase(Locale.ROOT))
        .map(proof -> context.executor().newSucceededFuture(proof))
        .orElseGet(
            () ->
                context
                    .executor()
                    .newFailedFuture(new IllegalStateException("nobody asked for " + name)));
  }
}
