package dev.weft.benchmarks;

import dev.weft.routing.resilience.CircuitBreaker;

/** Lets everything pass: what is measured is the choice. */
final class NeverOpen implements CircuitBreaker {

  @Override
  public int admit() {
    return 1;
  }

  @Override
  public void succeeded(int admitted) {
    // nothing is counted
  }

  @Override
  public void failed(int admitted) {
    // nothing is counted
  }

  @Override
  public void abandoned(int admitted) {
    // nothing is counted
  }

  @Override
  public State state() {
    return State.CLOSED;
  }
}
