package dev.weft.routing.transport;

import dev.weft.routing.resilience.KeepAlive;
import io.vertx.core.http.HttpClientConnection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The use of a pool's connection, which goes back to it once. */
final class PooledLease implements Lease {

  private final boolean reused;
  private final Holder pooled;
  private @Nullable Holder holder;

  /** What a pool keeps a connection in. */
  interface Holder {
    HttpClientConnection connection();

    KeepAlive keepAlive();

    int lastAccepted();

    /** The first time alone. */
    Optional<String> introduction();

    void returned(boolean reusable);
  }

  PooledLease(Holder pooled, boolean reused) {
    this.holder = pooled;
    this.pooled = pooled;
    this.reused = reused;
  }

  @Override
  public HttpClientConnection connection() {
    return pooled.connection();
  }

  @Override
  public boolean reused() {
    return reused;
  }

  @Override
  public void announced(@Nullable String header) {
    pooled.keepAlive().announced(header);
  }

  @Override
  public Optional<String> introduction() {
    return pooled.introduction();
  }

  @Override
  public int lastAccepted() {
    return pooled.lastAccepted();
  }

  @Override
  public void release(boolean reusable) {
    Holder mine = holder;
    holder = null;
    if (mine != null) {
      mine.returned(reusable);
    }
  }
}
