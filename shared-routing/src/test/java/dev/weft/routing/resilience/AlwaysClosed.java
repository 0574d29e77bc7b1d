package dev.weft.routing.resilience;

/** A breaker that lets everything pass and counts what it is told. */
public final class AlwaysClosed implements CircuitBreaker {

  private int succeeded;
  private int failed;
  private int abandoned;

  @Override
  public boolean allows() {
    return true;
  }

  @Override
  public void succeeded() {
    succeeded++;
  }

  @Override
  public void failed() {
    failed++;
  }

  @Override
  public void abandoned() {
    abandoned++;
  }

  @Override
  public State state() {
    return State.CLOSED;
  }

  /** {@code succeeded/failed/abandoned}. */
  public String told() {
    return succeeded + "/" + failed + "/" + abandoned;
  }
}
