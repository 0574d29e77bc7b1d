package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.testing.integration.AbstractInteropTest;
import io.grpc.testing.integration.EmptyProtos.Empty;
import io.grpc.testing.integration.TestServiceGrpc;
import io.grpc.testing.integration.TestServiceImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** grpc-java's interop client and server, a gateway and two sidecars between them. */
@Timeout(120)
final class GrpcHopsIT {

  private static final int PATIENCE_SECONDS = 30;
  private static final int SOAKED = 300; // of the 1000 and more that a night has
  private static final int AT_ONCE = 100;
  private static final int CHANNELS = 40;

  private static final List<Counted> COUNTED =
      Stream.of("request", "response")
          .flatMap(
              direction ->
                  Stream.of(
                      new Counted(0, "source", direction),
                      new Counted(1, "destination", direction),
                      new Counted(1, "source", direction),
                      new Counted(2, "destination", direction)))
          .toList();

  @TempDir private static Path folder;

  private static final ScheduledExecutorService WORK = Executors.newScheduledThreadPool(2);
  private static final HealthStatusManager HEALTH = new HealthStatusManager();
  private static final PouringService POURING = new PouringService();
  private static final ExpectedCompression COMPRESSION = new ExpectedCompression();
  private static Server server;
  private static LaunchedHops hops;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws Exception {
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .maxInboundMessageSize(AbstractInteropTest.MAX_MESSAGE_SIZE)
            .addService(
                ServerInterceptors.intercept(
                    ServerInterceptors.intercept(
                        new TestServiceImpl(WORK), TestServiceImpl.interceptors()),
                    COMPRESSION,
                    new LoadReports()))
            .addStreamTracerFactory(COMPRESSION)
            .addService(HEALTH.getHealthService())
            .addService(POURING.bound())
            .build()
            .start();
    hops = LaunchedHops.start(folder, "GRPC", server.getPort(), "");
    channel = builder().build();
  }

  @AfterAll
  static void stop() throws Exception {
    if (channel != null) {
      channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    if (hops != null) {
      hops.close();
    }
    server.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    WORK.shutdownNow();
  }

  private static ManagedChannelBuilder<?> builder() {
    return Grpc.newChannelBuilderForAddress(
            "127.0.0.1", hops.port, InsecureChannelCredentials.create())
        .overrideAuthority(LaunchedHops.HOST)
        .maxInboundMessageSize(AbstractInteropTest.MAX_MESSAGE_SIZE);
  }

  /** One of them. */
  private interface Case {
    void run(InteropClient client) throws Exception;
  }

  private static Arguments named(String name, Case one) {
    return Arguments.of(name, one);
  }

  private static Stream<Arguments> cases() {
    return Stream.of(
        named("empty_unary", AbstractInteropTest::emptyUnary),
        named("large_unary", AbstractInteropTest::largeUnary),
        named("client_compressed_unary", client -> client.clientCompressedUnary(true)),
        named("server_compressed_unary", AbstractInteropTest::serverCompressedUnary),
        named("client_streaming", AbstractInteropTest::clientStreaming),
        named("client_compressed_streaming", client -> client.clientCompressedStreaming(true)),
        named("server_streaming", AbstractInteropTest::serverStreaming),
        named("server_compressed_streaming", AbstractInteropTest::serverCompressedStreaming),
        named("ping_pong", AbstractInteropTest::pingPong),
        named("empty_stream", AbstractInteropTest::emptyStream),
        named("full duplex", AbstractInteropTest::fullDuplexCallShouldSucceed),
        named("half duplex", AbstractInteropTest::halfDuplexCallShouldSucceed),
        named("cancel_after_begin", AbstractInteropTest::cancelAfterBegin),
        named("cancel_after_first_response", AbstractInteropTest::cancelAfterFirstResponse),
        named("timeout_on_sleeping_server", AbstractInteropTest::timeoutOnSleepingServer),
        named("deadline kept", client -> client.deadlineNotExceeded()),
        named("deadline exceeded", GrpcHopsIT::deadlineExceeded),
        named("deadline, streaming", AbstractInteropTest::deadlineExceededServerStreaming),
        named("deadline in the past", AbstractInteropTest::deadlineInPast),
        named("status_code_and_message", AbstractInteropTest::statusCodeAndMessage),
        named("special_status_message", AbstractInteropTest::specialStatusMessage),
        named("unimplemented_method", client -> client.unimplementedMethod()),
        named("unimplemented_service", client -> client.unimplementedService()),
        named("custom_metadata", AbstractInteropTest::customMetadata),
        named("metadata, unary", AbstractInteropTest::exchangeMetadataUnaryCall),
        named("metadata, streaming", AbstractInteropTest::exchangeMetadataStreamingCall),
        named("very large request", AbstractInteropTest::veryLargeRequest),
        named("very large answer", AbstractInteropTest::veryLargeResponse),
        named("largest that is taken", client -> client.maxInboundSize_exact()),
        named("larger than is taken", client -> client.maxInboundSize_tooBig()),
        named("flow control", AbstractInteropTest::serverStreamingShouldBeFlowControlled),
        named("graceful shutdown", AbstractInteropTest::gracefulShutdown),
        named("pick_first_unary", InteropClient::pickFirstUnary),
        named("orca_per_rpc", InteropClient::orcaPerRpc),
        named("rpc_soak", client -> client.rpcSoak(SOAKED)),
        named("rpc_soak, all at once", client -> client.rpcSoakAtOnce(AT_ONCE)),
        named("channel_soak", client -> client.channelSoak(CHANNELS)));
  }

  /** The case knows by which words an application tells of its deadline; a proxy may be first. */
  private static void deadlineExceeded(InteropClient client) throws Exception {
    try {
      client.deadlineExceeded();
    } catch (AssertionError words) {
      assertThat(words).hasMessage("caller deadline");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void interop(String name, Case one) throws Exception {
    InteropClient client = new InteropClient(GrpcHopsIT::builder);
    client.setUp();
    try {
      one.run(client);
    } finally {
      client.tearDown();
    }
  }

  @Test
  void anAnswerOfTrailersAloneStaysOne() throws Exception {
    PouringService.Listener listener = new PouringService.Listener();

    PouringService.begin(channel, PouringService.FAIL, CallOptions.DEFAULT, listener);

    Status status = listener.closed(PATIENCE_SECONDS);
    assertThat(status.getCode()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(status.getDescription()).isEqualTo("50 % of what was asked\nis there");
    assertThat(listener.heads()).as("heads beside the trailers").isZero();
  }

  @Test
  void theServerHearsOfTheDeadlineAndOfItsEnd() throws Exception {
    StatusRuntimeException late =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    channel,
                    PouringService.HANG,
                    CallOptions.DEFAULT.withDeadlineAfter(1500, TimeUnit.MILLISECONDS),
                    new byte[1]));

    assertThat(late.getStatus().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(POURING.deadlineMillis(PATIENCE_SECONDS)).isBetween(1L, 1500L);
    assertThat(POURING.cancelled(PATIENCE_SECONDS)).isTrue();
  }

  @Test
  void theServerHearsOfACallThatIsGivenUp() throws Exception {
    PouringService.Listener listener = new PouringService.Listener();
    var call = PouringService.begin(channel, PouringService.HANG, CallOptions.DEFAULT, listener);
    assertThat(POURING.deadlineMillis(PATIENCE_SECONDS)).as("none").isEqualTo(-1);

    call.cancel("not wanted any more", null);

    assertThat(listener.closed(PATIENCE_SECONDS).getCode()).isEqualTo(Code.CANCELLED);
    assertThat(POURING.cancelled(PATIENCE_SECONDS)).isTrue();
  }

  @Test
  void aCallerThatDoesNotReadStopsTheServerAndNobodyElse() throws Exception {
    PouringService.Listener listener = new PouringService.Listener();
    var call = PouringService.begin(channel, PouringService.POUR, CallOptions.DEFAULT, listener);

    int stuckAt = settled(POURING::written);
    call.request(Integer.MAX_VALUE);

    assertThat(listener.closed(PATIENCE_SECONDS)).extracting(Status::getCode).isEqualTo(Code.OK);
    assertThat(stuckAt).as("of messages").isLessThan(PouringService.MESSAGES / 2);
    assertThat(listener.messages()).as("in order").isEqualTo(PouringService.MESSAGES);
  }

  @Test
  void aServerThatDoesNotReadStopsTheCallerAndNobodyElse() throws Exception {
    PouringService.Listener listener = new PouringService.Listener();
    PouringService.Pouring pouring = PouringService.pour(channel, listener);

    int stuckAt = settled(pouring::written);
    POURING.takeAll(PATIENCE_SECONDS);

    assertThat(listener.closed(PATIENCE_SECONDS)).extracting(Status::getCode).isEqualTo(Code.OK);
    assertThat(stuckAt).as("of messages").isLessThan(PouringService.MESSAGES / 2);
    assertThat(POURING.taken()).as("in order").isEqualTo(PouringService.MESSAGES);
  }

  @Test
  void everyHopCountsTheMessagesOfBothDirections() throws Exception {
    List<Long> before = messages();
    PouringService.Listener poured = new PouringService.Listener();
    PouringService.begin(channel, PouringService.POUR, CallOptions.DEFAULT, poured)
        .request(Integer.MAX_VALUE);
    assertThat(poured.closed(PATIENCE_SECONDS)).extracting(Status::getCode).isEqualTo(Code.OK);
    PouringService.Listener taken = new PouringService.Listener();
    PouringService.pour(channel, taken);
    POURING.takeAll(PATIENCE_SECONDS);
    assertThat(taken.closed(PATIENCE_SECONDS)).extracting(Status::getCode).isEqualTo(Code.OK);

    List<Long> since = messages();

    for (int i = 0; i < since.size(); i++) {
      assertThat(since.get(i) - before.get(i))
          .as("at %s", COUNTED.get(i))
          .isEqualTo(PouringService.MESSAGES + 1);
    }
    assertThat(hops.metrics())
        .allSatisfy(
            told ->
                assertThat(told)
                    .containsPattern("istio_build\\{component=\"proxy\",tag=\".+\"\\} 1"));
  }

  /** Of calls that ended well, at each of {@link #COUNTED}. */
  private static List<Long> messages() throws Exception {
    List<String> told = hops.metrics();
    List<Long> all = new ArrayList<>();
    for (Counted one : COUNTED) {
      Matcher found =
          Pattern.compile(
                  "istio_%s_messages_total\\{[^}]*reporter=\"%s\"[^}]*response_flags=\"-\"[^}]*\\} (\\S+)"
                      .formatted(one.direction(), one.reporter()))
              .matcher(told.get(one.hop()));
      long sum = 0;
      while (found.find()) {
        sum += Math.round(Double.parseDouble(found.group(1)));
      }
      all.add(sum);
    }
    return all;
  }

  /** Where what is counted: of the gateway, the workload {@code front}, the other. */
  private record Counted(int hop, String reporter, String direction) {}

  /** A count that stands still while other calls are answered on the same connection. */
  private static int settled(java.util.function.IntSupplier count) {
    TestServiceGrpc.TestServiceBlockingStub others =
        TestServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    int before = -1;
    int now = 0;
    for (int round = 0; round < 50 && (now == 0 || now != before); round++) {
      before = now;
      for (int i = 0; i < 50; i++) {
        assertThat(others.emptyCall(Empty.getDefaultInstance()))
            .isEqualTo(Empty.getDefaultInstance());
      }
      now = count.getAsInt();
    }
    assertThat(now).as("stands still").isPositive().isEqualTo(before);
    return now;
  }

  @Test
  void healthIsAskedOnceAndWatched() {
    HealthCheckRequest asked = HealthCheckRequest.newBuilder().setService("shop").build();
    HealthGrpc.HealthBlockingStub health =
        HealthGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    HEALTH.setStatus("shop", ServingStatus.SERVING);
    assertThat(health.check(asked).getStatus()).isEqualTo(ServingStatus.SERVING);

    Iterator<HealthCheckResponse> watched = health.watch(asked);
    assertThat(watched.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    HEALTH.setStatus("shop", ServingStatus.NOT_SERVING);

    assertThat(watched.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
  }
}
