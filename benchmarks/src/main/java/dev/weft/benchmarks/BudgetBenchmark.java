package dev.weft.benchmarks;

import dev.weft.routing.resilience.RetryBudget;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Guards what the retry budget costs: {@code deposit} is paid by every request, retried or not.
 *
 * <p>Budget: at most 50 nanoseconds for a deposit and 100 for a retry on one thread, and with
 * {@code -prof gc} no byte.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BudgetBenchmark {

  private static final double PERCENT = 20;
  private static final int MINIMUM = 3;

  private final RetryBudget budget = new RetryBudget(PERCENT, MINIMUM);

  /** A request without a retry. */
  @Benchmark
  @Threads(1)
  public void deposit() {
    budget.deposit();
  }

  /** The same, from two event loops at once. */
  @Benchmark
  @Threads(2)
  public void depositOfTwo() {
    budget.deposit();
  }

  /** A request whose first try failed: retried where there is a token. */
  @Benchmark
  @Threads(1)
  public boolean retried() {
    budget.deposit();
    boolean granted = budget.withdraw();
    budget.ended(granted, granted);
    return granted;
  }
}
