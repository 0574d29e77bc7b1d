package dev.weft.routing.process.explain;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;

/**
 * All that a decision takes of a request that came.
 *
 * @param head its headers may be known in part
 * @param caller port 0 of the listener where nobody knows it
 * @param seed from which it was drawn
 */
record Came(RequestHead head, Caller caller, long seed) {}
