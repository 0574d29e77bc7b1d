package dev.weft.routing.verticle.edge;

import dev.weft.routing.clock.Ticker;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import java.time.Instant;
import javax.net.ssl.SSLEngine;

/**
 * A server's context that shows a staple with the certificate, as long as that holds. What it
 * stands on stays the same when the staple is replaced, its sessions too.
 */
final class StaplingContext extends DelegatingSslContext {

  private final OcspStaple staple;
  private final Ticker ticker;

  /**
   * @param context made for staples
   */
  StaplingContext(SslContext context, OcspStaple staple, Ticker ticker) {
    super(context);
    this.staple = staple;
    this.ticker = ticker;
  }

  @Override
  protected void initEngine(SSLEngine engine) {
    if (engine instanceof ReferenceCountedOpenSslEngine own
        && staple.holds(Instant.ofEpochMilli(ticker.epochMillis()))) {
      own.setOcspResponse(staple.der());
    }
  }
}
