package dev.weft.routing.listener;

/** Over the sockets that the proxies use. */
final class HalfClosedCallersEpollIT extends HalfClosedCallers {

  HalfClosedCallersEpollIT() {
    super(true);
  }
}
