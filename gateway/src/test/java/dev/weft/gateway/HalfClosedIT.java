package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers end their side while a backend has yet to answer, or to finish its answer. */
final class HalfClosedIT extends WaysFixture {

  private static final String GET = "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n";
  private static final Way PLAIN = new Way(HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_1, false);
  private static final Way TLS = new Way(HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_1, true);

  private final Promise<HttpServerRequest> asked = Promise.promise();
  private final Promise<Void> cancelled = Promise.promise();

  @Test
  void theBackendAnswersOneThatSaidAll() throws Exception {
    Promise<Buffer> whole = Promise.promise();
    begin(
        PLAIN,
        request -> {
          keep(request);
          request.body().onComplete(whole);
        });

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(
          GET.replace("GET", "POST").replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\nfour"));
      caller.socket().shutdownOutput();
      String interim = caller.head();
      Buffer body = await(whole.future());
      asked.future().result().response().end(body);

      assertThat(interim).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      assertThat(caller.rest()).contains("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nfour");
    }
  }

  @Test
  void theBackendHearsOfOneThatLeft() throws Exception {
    begin(PLAIN, this::keep);

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      await(asked.future());
    }

    await(cancelled.future());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theBackendHearsOfOneThatLeftAmidAnAnswer(boolean chunked) throws Exception {
    begin(
        PLAIN,
        request -> {
          keep(request);
          HttpServerResponse out = request.response().setChunked(chunked);
          if (!chunked) {
            out.putHeader("content-length", "1000000000");
          }
          out.write("some");
          if (!chunked) {
            vertx.setPeriodic(20, more -> out.write("more")); // its writes are what can tell
          }
        });

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.head();
      caller.socket().shutdownOutput();
    }

    await(cancelled.future());
  }

  @Test
  void oneThatSaidAllGetsAnAnswerThatPauses() throws Exception {
    begin(
        PLAIN,
        request -> {
          keep(request);
          request.response().setChunked(true).write("some");
        });

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.socket().shutdownOutput();
      caller.head();
      String first = caller.next("4\r\nsome\r\n".length());
      String meanwhile = caller.next(2);
      HttpServerResponse out = await(asked.future()).response();
      out.write("more");
      out.end();

      assertThat(first).isEqualTo("4\r\nsome\r\n");
      assertThat(meanwhile).as("zeros that lead the next size").isEqualTo("00");
      assertThat(caller.rest()).matches("0*4\r\nmore\r\n0+\r\n\r\n");
    }
  }

  /** TLS ends a connection whole (RFC 5246 section 7.2.1), and so do we with a newer one. */
  @Test
  void overTlsTheEndOfOneSideIsTheEnd() throws Exception {
    begin(TLS, this::keep);

    try (SSLSocket caller = trusting()) {
      caller.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      await(asked.future());
      caller.shutdownOutput();

      await(cancelled.future());
      assertThat(caller.getInputStream().read()).isNegative();
    }
  }

  private SSLSocket trusting() throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry(
        "root",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(Buffer.buffer(authority.rootPem()).getBytes())));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
    plain.setSoTimeout(PATIENCE_SECONDS * 1000);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, "shop.test", port, true);
    socket.startHandshake();
    return socket;
  }

  /** Answers it when the test says so. */
  private void keep(HttpServerRequest request) {
    request.connection().closeHandler(closed -> cancelled.tryComplete());
    asked.tryComplete(request);
  }
}
