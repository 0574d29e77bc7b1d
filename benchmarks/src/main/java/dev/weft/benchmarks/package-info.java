/**
 * JMH for what every request pays: the decision and the choice of an endpoint. Each class names the
 * figure that it guards and its budget; {@code java -jar benchmarks/target/weft-benchmarks.jar
 * Decision -prof gc} measures. Open {@link dev.weft.benchmarks.DecisionBenchmark} first.
 */
@NullMarked
package dev.weft.benchmarks;

import org.jspecify.annotations.NullMarked;
