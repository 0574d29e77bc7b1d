package dev.weft.routing.listener;

/** Over the JDK's sockets. */
final class HalfClosedCallersIT extends HalfClosedCallers {

  HalfClosedCallersIT() {
    super(false);
  }
}
