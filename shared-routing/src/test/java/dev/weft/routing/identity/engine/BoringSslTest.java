package dev.weft.routing.identity.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class BoringSslTest {

  @Test
  void leavesTheProvidersAsTheyWere() {
    List<String> before = providers();

    BoringSsl.load();

    assertThat(providers()).isEqualTo(before);
  }

  @Test
  void leavesTheTlsOfTheJdkUsable() throws Exception {
    BoringSsl.load();

    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);

    assertThat(context.getProvider().getName()).isEqualTo("SunJSSE");
    assertThat(context.createSSLEngine().getSupportedProtocols()).contains("TLSv1.3", "TLSv1.2");
  }

  @Test
  void answersForTheJdkWhatTheJdkWouldAnswer() throws Exception {
    BoringSsl.load();

    List<String> versions =
        List.of(SSLContext.getDefault().getSupportedSSLParameters().getProtocols());

    assertThat(SslProvider.isTlsv13Supported(SslProvider.JDK))
        .isEqualTo(versions.contains("TLSv1.3"));
  }

  @Test
  void isThereWhereNettyFindsIt() {
    BoringSsl.load();

    assertThat(BoringSsl.available()).isEqualTo(OpenSsl.isAvailable());
  }

  private static List<String> providers() {
    return List.of(Security.getProviders()).stream().map(Provider::getName).toList();
  }
}
