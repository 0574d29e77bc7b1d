package dev.weft.benchmarks;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.routing.authentication.Answer;
import dev.weft.routing.authentication.Authentication;
import dev.weft.routing.authentication.AuthenticationCompiler;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Guards what a token costs a request, {@code Authentication.of}.
 *
 * <p>Budget: at most 2 microseconds for a token that was verified before (800 bytes, 1,000 of them
 * in turn); what verifying costs stands beside it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TokenBenchmark {

  private static final int KNOWN = 1000;
  private static final int TOO_MANY = 2000; // so that each is forgotten before it comes again
  private static final Workload SEARCH = new Workload("prod", "search", "cluster.local", Map.of());

  /** Of which tokens. */
  @Param public Kind kind = Kind.VERIFIED_BEFORE;

  private final Loop loop =
      new Loop(
          0,
          (delay, task) -> {
            throw new IllegalStateException("no timers");
          },
          new SystemTicker());
  private Authentication authentication = Authentication.NONE;
  private List<RequestHead> heads = List.of();
  private int next;

  /** How well a token is known. */
  public enum Kind {
    /** No token at all. */
    NONE,
    /** One of 1,000 that were verified. */
    VERIFIED_BEFORE,
    /** RS256 with 2,048 bits. */
    NEW
  }

  /** Signs the tokens. */
  @Setup(Level.Trial)
  public void sign() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String text =
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: t, namespace: prod}
        spec: {jwtRules: [{issuer: test, jwks: '{"keys": [%s]}'}]}
        """
            .formatted(key((RSAPublicKey) pair.getPublic()));
    authentication =
        new AuthenticationCompiler(SEARCH, KeySources.NONE, 1)
            .compile(ConfigLoader.load(List.of(new ConfigDocument("b", "b.yaml", text))).config());
    int count = kind == Kind.NEW ? TOO_MANY : KNOWN;
    List<RequestHead> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(head(kind == Kind.NONE ? "" : "Bearer " + token(i, pair.getPrivate())));
    }
    heads = all;
  }

  private static String key(RSAPublicKey key) {
    return "{\"kty\": \"RSA\", \"n\": \""
        + encoded(key.getModulus())
        + "\", \"e\": \""
        + encoded(key.getPublicExponent())
        + "\"}";
  }

  private static String encoded(BigInteger value) {
    byte[] bytes = value.toByteArray();
    int sign = bytes[0] == 0 ? 1 : 0;
    byte[] bare = new byte[bytes.length - sign];
    System.arraycopy(bytes, sign, bare, 0, bare.length);
    return encoded(bare);
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String token(int number, PrivateKey key) throws GeneralSecurityException {
    String claims =
        "{\"iss\":\"test\",\"sub\":\"user-%d\",\"exp\":9000000000,\"x\":\"%s\"}"
            .formatted(number, "y".repeat(200));
    String signed =
        encoded("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + encoded(claims.getBytes(StandardCharsets.UTF_8));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + encoded(signature.sign());
  }

  /** One request; what is taken from its header is a text of its own each time. */
  @Benchmark
  public Answer of() {
    next = (next + 1) % heads.size();
    return authentication.of(heads.get(next), loop);
  }

  private static RequestHead head(String token) {
    MultiMap headers = HttpHeaders.headers();
    if (!token.isEmpty()) {
      headers.add("authorization", token);
    }
    return new RequestHead("GET", "http", "search.test", "/", "", headers);
  }
}
