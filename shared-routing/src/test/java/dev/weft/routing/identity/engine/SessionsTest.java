package dev.weft.routing.identity.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.telemetry.HandTicker;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import dev.weft.testkit.Tools;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionStats;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(value = "boringSsl", disabledReason = "needs BoringSSL")
final class SessionsTest {

  private final HandTicker ticker = new HandTicker();
  private final TestCertificates authority = new TestCertificates(Instant.now());

  static boolean boringSsl() {
    return Tools.there(BoringSsl.available(), "BoringSSL");
  }

  private SslContext server() {
    Leaf leaf = authority.ofName("shop.test");
    try {
      return SslContextBuilder.forServer(stream(leaf.certificate()), stream(leaf.key()))
          .sslProvider(SslProvider.OPENSSL)
          .protocols("TLSv1.2")
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private SslContext client() throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.2")
        .trustManager(stream(authority.rootPem()))
        .build();
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  /** One handshake; a client takes up the session that it has. */
  private static void meets(SslContext client, SslContext server) {
    SslHandler own = client.newHandler(ByteBufAllocator.DEFAULT, "shop.test", 443);
    EmbeddedChannel theirs = new EmbeddedChannel(own);
    EmbeddedChannel ours = new EmbeddedChannel(server.newHandler(ByteBufAllocator.DEFAULT));
    for (int i = 0; i < 20 && !own.handshakeFuture().isDone(); i++) {
      carry(theirs, ours);
      carry(ours, theirs);
    }
    assertThat(own.handshakeFuture().isSuccess()).as("%s", own.handshakeFuture()).isTrue();
    theirs.finishAndReleaseAll();
    ours.finishAndReleaseAll();
  }

  private static void carry(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    Object bytes = from.readOutbound();
    while (bytes != null) {
      to.writeInbound(ReferenceCountUtil.retain(bytes));
      ReferenceCountUtil.release(bytes);
      bytes = from.readOutbound();
    }
    to.runPendingTasks();
  }

  @Test
  void aTicketServesUnderTheKeyThatSealedItAndUnderTheNextButNoLonger() throws Exception {
    SslContext server = Sessions.resumed(server(), ticker);
    OpenSslSessionStats seen = seen(server);
    SslContext early = client();
    SslContext late = client();
    meets(early, server);
    meets(late, server);
    assertThat(seen.ticketKeyResume()).isZero();

    ticker.turn(Duration.ofMinutes(59));
    meets(early, server);
    assertThat(seen.ticketKeyResume()).isEqualTo(1);
    assertThat(seen.ticketKeyRenew()).isZero();

    ticker.turn(Duration.ofMinutes(1));
    meets(early, server);
    assertThat(seen.ticketKeyRenew()).isEqualTo(1);

    ticker.turn(Duration.ofHours(1));
    meets(late, server);
    assertThat(seen.ticketKeyFail()).isEqualTo(1);
  }

  @Test
  void whatWasNotLookedAtForLongOpensNothing() throws Exception {
    SslContext server = Sessions.resumed(server(), ticker);
    OpenSslSessionStats seen = seen(server);
    SslContext client = client();
    meets(client, server);

    ticker.turn(Duration.ofHours(2));
    meets(client, server);

    assertThat(seen.ticketKeyFail()).isEqualTo(1);
  }

  @Test
  void aContextOfWholeHandshakesOpensNoTicketAtAll() throws Exception {
    SslContext server = Sessions.whole(server(), ticker);
    OpenSslSessionStats seen = seen(server);
    SslContext client = client();
    meets(client, server);
    meets(client, server);

    assertThat(seen.ticketKeyNew()).isPositive();
    assertThat(seen.ticketKeyFail()).isEqualTo(1);
    assertThat(seen.ticketKeyResume()).isZero();
  }

  private static OpenSslSessionStats seen(SslContext server) {
    return ((OpenSslSessionContext) server.sessionContext()).stats();
  }
}
