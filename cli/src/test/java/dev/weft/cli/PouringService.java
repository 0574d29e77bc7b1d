package dev.weft.cli;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A service of gRPC that says much, takes much, or nothing, and tells what it saw. */
final class PouringService {

  /** How many messages pour, each of 64 KiB. */
  static final int MESSAGES = 1024;

  /** Pours to its caller as fast as that takes it. */
  static final MethodDescriptor<byte[], byte[]> POUR = method("Pour", MethodType.SERVER_STREAMING);

  /** Answers when it was given all. */
  static final MethodDescriptor<byte[], byte[]> TAKE = method("Take", MethodType.CLIENT_STREAMING);

  /** Does not answer. */
  static final MethodDescriptor<byte[], byte[]> HANG = method("Hang", MethodType.UNARY);

  /** Answers with a status and nothing else. */
  static final MethodDescriptor<byte[], byte[]> FAIL = method("Fail", MethodType.UNARY);

  private static final String NAME = "shop.Pouring";
  private static final int BYTES = 1 << 16;

  private final AtomicInteger written = new AtomicInteger();
  private final AtomicInteger taken = new AtomicInteger();
  private final BlockingQueue<Long> deadlines = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> cancels = new LinkedBlockingQueue<>();
  private final BlockingQueue<ServerCallStreamObserver<byte[]>> takers =
      new LinkedBlockingQueue<>();

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  ServerServiceDefinition bound() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(POUR, ServerCalls.asyncServerStreamingCall(this::pour))
        .addMethod(TAKE, ServerCalls.asyncClientStreamingCall(this::take))
        .addMethod(HANG, ServerCalls.asyncUnaryCall(this::hang))
        .addMethod(FAIL, ServerCalls.asyncUnaryCall(PouringService::fail))
        .build();
  }

  private static byte[] message(int number) {
    return ByteBuffer.allocate(BYTES).putInt(number).array();
  }

  /** Whether it is the message of that number. */
  private static boolean is(byte[] message, int number) {
    return message.length == BYTES && ByteBuffer.wrap(message).getInt() == number;
  }

  private void pour(byte[] asked, StreamObserver<byte[]> answers) {
    ServerCallStreamObserver<byte[]> out = (ServerCallStreamObserver<byte[]>) answers;
    written.set(0);
    out.setOnReadyHandler(
        () -> {
          while (out.isReady() && written.get() < MESSAGES) {
            out.onNext(message(written.getAndIncrement()));
            if (written.get() == MESSAGES) {
              out.onCompleted();
            }
          }
        });
  }

  private StreamObserver<byte[]> take(StreamObserver<byte[]> answers) {
    ServerCallStreamObserver<byte[]> out = (ServerCallStreamObserver<byte[]>) answers;
    out.disableAutoRequest();
    taken.set(0);
    takers.add(out);
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] message) {
        if (is(message, taken.get())) {
          taken.incrementAndGet();
        }
      }

      @Override
      public void onError(Throwable failed) {}

      @Override
      public void onCompleted() {
        answers.onNext(new byte[0]);
        answers.onCompleted();
      }
    };
  }

  private void hang(byte[] asked, StreamObserver<byte[]> answers) {
    Deadline deadline = Context.current().getDeadline();
    ((ServerCallStreamObserver<byte[]>) answers).setOnCancelHandler(() -> cancels.add(true));
    deadlines.add(deadline == null ? -1 : deadline.timeRemaining(TimeUnit.MILLISECONDS));
  }

  private static void fail(byte[] asked, StreamObserver<byte[]> answers) {
    answers.onError(
        Status.ALREADY_EXISTS
            .withDescription("50 % of what was asked\nis there")
            .asRuntimeException());
  }

  /** Messages that it poured so far. */
  int written() {
    return written.get();
  }

  /** Messages that came in their order. */
  int taken() {
    return taken.get();
  }

  /** Takes all that is sent from now on. */
  void takeAll(int seconds) throws InterruptedException {
    ServerCallStreamObserver<byte[]> taker = takers.poll(seconds, TimeUnit.SECONDS);
    if (taker == null) {
      throw new AssertionError("nobody called");
    }
    taker.request(Integer.MAX_VALUE);
  }

  /** How long a call that hangs was said to have; -1 for any time. */
  long deadlineMillis(int seconds) throws InterruptedException {
    Long told = deadlines.poll(seconds, TimeUnit.SECONDS);
    if (told == null) {
      throw new AssertionError("nobody called");
    }
    return told;
  }

  /** Whether a call that hangs was cancelled, within so many seconds. */
  boolean cancelled(int seconds) throws InterruptedException {
    return cancels.poll(seconds, TimeUnit.SECONDS) != null;
  }

  /** What a caller hears; it takes one message, until it asks for more. */
  static final class Listener extends ClientCall.Listener<byte[]> {

    private final AtomicInteger heads = new AtomicInteger();
    private final AtomicInteger messages = new AtomicInteger();
    private final CompletableFuture<Status> closed = new CompletableFuture<>();
    private volatile Runnable ready = () -> {};

    @Override
    public void onHeaders(Metadata headers) {
      heads.incrementAndGet();
    }

    @Override
    public void onMessage(byte[] message) {
      if (is(message, messages.get())) {
        messages.incrementAndGet();
      }
    }

    @Override
    public void onReady() {
      ready.run();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      closed.complete(status);
    }

    Status closed(int seconds) throws Exception {
      return closed.get(seconds, TimeUnit.SECONDS);
    }

    int heads() {
      return heads.get();
    }

    /** Messages that came in their order. */
    int messages() {
      return messages.get();
    }
  }

  /** Calls with one message, and takes one message of the answer. */
  static ClientCall<byte[], byte[]> begin(
      Channel channel,
      MethodDescriptor<byte[], byte[]> method,
      CallOptions options,
      Listener listener) {
    ClientCall<byte[], byte[]> call = channel.newCall(method, options);
    call.start(listener, new Metadata());
    call.request(1);
    call.sendMessage(new byte[1]);
    call.halfClose();
    return call;
  }

  /** A caller that pours as fast as the server takes it. */
  static final class Pouring {

    private final ClientCall<byte[], byte[]> call;
    private final AtomicInteger written = new AtomicInteger();

    private Pouring(ClientCall<byte[], byte[]> call) {
      this.call = call;
    }

    int written() {
      return written.get();
    }

    private void go() {
      while (call.isReady() && written.get() < MESSAGES) {
        call.sendMessage(message(written.getAndIncrement()));
        if (written.get() == MESSAGES) {
          call.halfClose();
        }
      }
    }
  }

  /** Calls {@link #TAKE}. */
  static Pouring pour(Channel channel, Listener listener) {
    ClientCall<byte[], byte[]> call = channel.newCall(TAKE, CallOptions.DEFAULT);
    Pouring pouring = new Pouring(call);
    listener.ready = pouring::go;
    call.start(listener, new Metadata());
    call.request(2);
    return pouring;
  }
}
