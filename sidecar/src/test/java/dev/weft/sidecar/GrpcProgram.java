package dev.weft.sidecar;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.testing.integration.AbstractInteropTest;
import io.grpc.testing.integration.TestServiceImpl;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * grpc-java's interop server, or its client, as a program that knows nothing of a proxy: {@code
 * serve PORT}, or {@code call HOST PORT}, which tells each case that held.
 */
final class GrpcProgram {

  private static final PrintStream OUT =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.US_ASCII);

  private GrpcProgram() {}

  /** One of the client's. */
  private interface Case {
    void run(AbstractInteropTest client) throws Exception;
  }

  public static void main(String[] line) throws Exception {
    if (line[0].equals("serve")) {
      serve(Integer.parseInt(line[1]));
    } else {
      call(line[1], Integer.parseInt(line[2]));
    }
  }

  private static void serve(int port) throws Exception {
    ScheduledExecutorService work = Executors.newScheduledThreadPool(2);
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("ill", ServingStatus.NOT_SERVING);
    Server server =
        Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
            .maxInboundMessageSize(AbstractInteropTest.MAX_MESSAGE_SIZE)
            .addService(
                ServerInterceptors.intercept(
                    new TestServiceImpl(work), TestServiceImpl.interceptors()))
            .addService(health.getHealthService())
            .build()
            .start();
    OUT.println("listening");
    server.awaitTermination();
  }

  private static void call(String host, int port) throws Exception {
    for (Map.Entry<String, Case> one : cases().entrySet()) {
      Client client = new Client(host, port);
      client.setUp();
      try {
        one.getValue().run(client);
      } finally {
        client.tearDown();
      }
      OUT.println(one.getKey());
    }
  }

  private static Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("empty_unary", AbstractInteropTest::emptyUnary);
    cases.put("large_unary", AbstractInteropTest::largeUnary);
    cases.put("client_streaming", AbstractInteropTest::clientStreaming);
    cases.put("server_streaming", AbstractInteropTest::serverStreaming);
    cases.put("ping_pong", AbstractInteropTest::pingPong);
    cases.put("cancel_after_first_response", AbstractInteropTest::cancelAfterFirstResponse);
    cases.put("timeout_on_sleeping_server", AbstractInteropTest::timeoutOnSleepingServer);
    cases.put("custom_metadata", AbstractInteropTest::customMetadata);
    cases.put("status_code_and_message", AbstractInteropTest::statusCodeAndMessage);
    return cases;
  }

  /** With a channel to an address, as any program would have it. */
  private static final class Client extends AbstractInteropTest {

    private final String host;
    private final int port;

    Client(String host, int port) {
      this.host = host;
      this.port = port;
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
      return Grpc.newChannelBuilderForAddress(host, port, InsecureChannelCredentials.create())
          .maxInboundMessageSize(AbstractInteropTest.MAX_MESSAGE_SIZE);
    }

    @Override
    protected boolean metricsExpected() {
      return false; // counts of what the server's own tracers saw, which runs elsewhere
    }
  }
}
