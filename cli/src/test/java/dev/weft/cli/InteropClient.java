package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.testing.integration.AbstractInteropTest;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.Messages.SimpleResponse;
import io.grpc.testing.integration.Messages.TestOrcaReport;
import io.grpc.testing.integration.TestServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The cases of grpc-java's interop client, and those that it keeps in a program of its own, which
 * needs more libraries than these cases.
 *
 * <p>Source: gRPC's interop test descriptions.
 */
final class InteropClient extends AbstractInteropTest {

  private static final int PATIENCE_SECONDS = 30;
  private static final int ASKED = 271_828; // bytes, of large_unary
  private static final int ANSWERED = 314_159;
  private static final int AT_ONCE = 4; // callers of a soak

  private final Supplier<ManagedChannelBuilder<?>> channels;

  /**
   * @param channels through the proxies
   */
  InteropClient(Supplier<ManagedChannelBuilder<?>> channels) {
    this.channels = channels;
  }

  @Override
  protected ManagedChannelBuilder<?> createChannelBuilder() {
    return channels.get();
  }

  @Override
  protected boolean metricsExpected() {
    return false; // counts of what the server's own tracers saw, which runs elsewhere there
  }

  @Override
  protected int operationTimeoutMillis() {
    return (int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS);
  }

  private static SimpleRequest large(byte[] body) {
    return SimpleRequest.newBuilder()
        .setResponseSize(ANSWERED)
        .setPayload(Payload.newBuilder().setBody(ByteString.copyFrom(body)))
        .build();
  }

  /** One call, whose bytes do not repeat. */
  private static void largeUnary(Channel channel, long seed) {
    byte[] body = new byte[ASKED];
    new Random(seed).nextBytes(body);
    SimpleResponse answer =
        TestServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .unaryCall(large(body));
    assertThat(answer.getPayload().getBody()).isEqualTo(ByteString.copyFrom(new byte[ANSWERED]));
  }

  /** By a client that takes the first address which its service configuration has it take. */
  void pickFirstUnary() throws Exception {
    Map<String, ?> pickFirst =
        Map.of("loadBalancingConfig", List.of(Map.of("pick_first", Map.of())));
    ManagedChannel one = channels.get().defaultServiceConfig(pickFirst).build();
    try {
      for (int i = 0; i < 20; i++) {
        largeUnary(one, i);
      }
    } finally {
      end(one);
    }
  }

  /** Many calls, one after another, by some callers of one channel; none may fail. */
  void rpcSoak(int calls) throws Exception {
    soak(calls, AT_ONCE, seed -> largeUnary(channel, seed));
  }

  /** As many calls at once on one channel: more than its connection's windows hold. */
  void rpcSoakAtOnce(int calls) throws Exception {
    soak(calls, calls, seed -> largeUnary(channel, seed));
  }

  /** The same, each call on a channel of its own. */
  void channelSoak(int calls) throws Exception {
    soak(
        calls,
        AT_ONCE,
        seed -> {
          ManagedChannel own = channels.get().build();
          try {
            largeUnary(own, seed);
          } finally {
            end(own);
          }
        });
  }

  private interface Call {
    void run(long seed) throws Exception;
  }

  private static void soak(int calls, int atOnce, Call call) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(atOnce);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        long seed = i;
        all.add(
            callers.submit(
                () -> {
                  call.run(seed);
                  return seed;
                }));
      }
      for (Future<?> one : all) {
        one.get(2L * PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private static void end(ManagedChannel channel) throws InterruptedException {
    channel.shutdown();
    assertThat(channel.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** What a server tells of its load in binary trailers comes byte by byte. */
  void orcaPerRpc() {
    TestOrcaReport report =
        TestOrcaReport.newBuilder()
            .setCpuUtilization(0.821_0)
            .setMemoryUtilization(0.584_7)
            .putRequestCost("cost", 3456.32)
            .putUtilization("util", 0.304_99)
            .build();
    AtomicReference<Metadata> head = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel told =
        ClientInterceptors.intercept(
            channel, MetadataUtils.newCaptureMetadataInterceptor(head, trailers));

    TestServiceGrpc.newBlockingStub(told)
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .unaryCall(SimpleRequest.newBuilder().setOrcaPerQueryReport(report).build());

    assertThat(trailers.get().get(LoadReports.REPORT)).isEqualTo(report.toByteArray());
  }
}
