package dev.weft.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** That each benchmark still runs; its figures mean nothing here. */
final class BenchmarksTest {

  @Test
  void eachKindRunsOnce() throws RunnerException {
    OptionsBuilder once = new OptionsBuilder();
    once.forks(0)
        .warmupIterations(0)
        .measurementIterations(1)
        .measurementTime(TimeValue.milliseconds(20))
        .param("rules", "10")
        .param("endpoints", "10")
        .param("policies", "10")
        .verbosity(VerboseMode.SILENT);

    Collection<RunResult> results = new Runner(once.build()).run();

    int compiling = 2; // reading and compiling
    int budget = 3; // a deposit, one of two threads, a retry
    assertThat(results)
        .hasSize(
            DecisionBenchmark.Kind.values().length
                + BalancerBenchmark.Kind.values().length
                + AuthorizationBenchmark.Kind.values().length
                + TokenBenchmark.Kind.values().length
                + TraceBenchmark.Kind.values().length
                + CallTracerBenchmark.Kind.values().length
                + SignalsBenchmark.Kind.values().length
                + compiling
                + budget);
    assertThat(results)
        .allSatisfy(result -> assertThat(result.getPrimaryResult().getScore()).isPositive());
  }
}
