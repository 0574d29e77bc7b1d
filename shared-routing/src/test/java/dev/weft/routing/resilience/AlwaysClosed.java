package dev.weft.routing.resilience;

/** A breaker that lets everything pass and counts what it is told. */
public final class AlwaysClosed implements CircuitBreaker {

  private int succeeded;
  private int failed;
  private int abandoned;

  @Override
  public int admit() {
    return 1;
  }

  @Override
  public void succeeded(int admitted) {
    succeeded++;
  }

  @Override
  public void failed(int admitted) {
    failed++;
  }

  @Override
  public void abandoned(int admitted) {
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
