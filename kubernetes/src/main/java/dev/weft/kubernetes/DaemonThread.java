package dev.weft.kubernetes;

import java.util.concurrent.ScheduledThreadPoolExecutor;

/** A thread for what asks the API server time and again; it keeps no process alive. */
public final class DaemonThread {

  private DaemonThread() {}

  /** One that does one thing after the other, now and later. */
  public static ScheduledThreadPoolExecutor named(String name) {
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, name);
              made.setDaemon(true);
              return made;
            });
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return thread;
  }
}
