package dev.weft.routing.transport.keys;

import dev.weft.routing.authentication.KeySources.Address;
import dev.weft.routing.authentication.jwt.JoseKeys;
import io.vertx.core.Future;

/** Fetches the keys of an address once. Fails with one sentence; the loop that owns the keys. */
interface KeyRequest {

  Future<JoseKeys> fetch(Address address);
}
