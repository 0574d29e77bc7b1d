package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.DirectoryIdentity;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workloads whose certificates the mesh took back: as callers, and as those who are called. */
@Timeout(60)
final class RevokedPeersIT extends HopsFixture {

  private static final int ROUNDS = 500;

  private void begin() throws Exception {
    open("HTTP", application(), "connectionPool: {http: {maxRequestsPerConnection: 1}}");
  }

  private String called() throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(outbound)
            .setURI("/")
            .putHeader("host", HOST);
    Future<String> answer =
        agent(new HttpClientOptions())
            .request(options)
            .compose(Requests::sent)
            .map(response -> response.statusCode() + " " + response.getHeader("proxy-status"));
    return await(answer);
  }

  @Test
  void aRevokedCallerIsRefusedAndItsConnectionEnds() throws Exception {
    begin();
    Leaf good = mesh.good(CALLER);
    Leaf bad = mesh.good(CALLER);
    HttpClientConnection open = await(connected(showing(bad), inbound));
    HttpClientConnection kept = await(connected(showing(good), inbound));
    assertThat(await(ask(open))).startsWith("200 By=");

    Files.writeString(folder.resolve("search/ca.crl"), mesh.list(bad.certificate()));
    String answer = "";
    for (int i = 0; i < ROUNDS && !answer.equals("refused"); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      answer = answer(showing(bad), inbound);
    }
    assertThat(answer).isEqualTo("refused");
    String last = "";
    for (int i = 0; i < ROUNDS && !last.equals("closed"); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      last = await(ask(open).otherwise("closed"));
    }
    assertThat(last).isEqualTo("closed");
    assertThat(answer(showing(good), inbound)).startsWith("200 By=");
    assertThat(await(ask(kept))).startsWith("200 By=");
  }

  @Test
  void aRevokedCalleeGetsNoRequest() throws Exception {
    begin();
    Path own = folder.resolve("caller");
    String before = called();
    Files.writeString(
        own.resolve("ca.crl"), mesh.list(Files.readString(folder.resolve("search/tls.crt"))));
    String after = before;
    for (int i = 0; i < ROUNDS && after.equals(before); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      after = called();
    }

    assertThat(before).startsWith("200 ");
    assertThat(after).startsWith("503 ").contains("is revoked");
    assertThat(refused(callerAdmin, "upstream_revoked")).isPositive();
    Files.writeString(own.resolve("ca.crl"), mesh.list());
    for (int i = 0; i < ROUNDS && !after.equals(before); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      after = called();
    }
    assertThat(after).isEqualTo(before);
  }

  @Test
  void aListOfSomebodyElseIsToldAndTheOneBeforeStays() throws Exception {
    try (LogLines log = new LogLines(DirectoryIdentity.class)) {
      begin();
      Leaf bad = mesh.good(CALLER);
      Path list = folder.resolve("search/ca.crl");
      Files.writeString(list, mesh.list(bad.certificate()));
      String answer = "";
      for (int i = 0; i < ROUNDS && !answer.equals("refused"); i++) {
        await(vertx.timer(10, TimeUnit.MILLISECONDS));
        answer = answer(showing(bad), inbound);
      }
      replace(list, foreign.list());
      String told = "";
      for (int i = 0; i < ROUNDS && !told.contains("not signed by the authority"); i++) {
        await(vertx.timer(10, TimeUnit.MILLISECONDS));
        told = log.lines().toString();
      }

      assertThat(told).contains("is not signed by the authority of that name that is trusted");
      assertThat(answer(showing(bad), inbound)).isEqualTo("refused");
      assertThat(answer(showing(mesh.good(CALLER)), inbound)).startsWith("200 By=");
    }
  }
}
