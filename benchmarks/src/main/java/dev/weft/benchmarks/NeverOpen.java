package dev.weft.benchmarks;

import dev.weft.routing.resilience.CircuitBreaker;

/** Lets everything pass: what is measured is the choice. */
final class NeverOpen implements CircuitBreaker {

  @Override
  public boolean allows() {
    return true;
  }

  @Override
  public void succeeded() {
    // nothing is counted
  }

  @Override
  public void failed() {
    // nothing is counted
  }

  @Override
  public void abandoned() {
    // nothing is counted
  }

  @Override
  public State state() {
    return State.CLOSED;
  }
}
