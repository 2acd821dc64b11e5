package dev.tutti.collectives.execute;

import dev.tutti.transport.Waiter;
import org.jspecify.annotations.Nullable;

/// The check that runs while a connection is awaited: lets the observer of long waits hear of these
/// as well.
///
/// Connections are made when an operation first needs them, and a peer that has not called the
/// operation does not connect, so a job can hang there.
///
/// Used by one thread at a time.
final class ConnectWatch implements Waiter.Check {
  private static final int NOBODY = -1;

  private final Waiter.Check check;
  private Waiter.@Nullable Observer observer;
  private int peer = NOBODY;
  private long start;

  /// Makes a watch.
  ///
  /// @param check run first, each time
  ConnectWatch(Waiter.Check check) {
    this.check = check;
  }

  /// Sets who hears of waits for connections.
  void observe(Waiter.Observer listener) {
    observer = listener;
  }

  /// A connection to a member is going to be made.
  void begin(int member) {
    peer = member;
    start = System.nanoTime();
  }

  /// The connection has been made, or never will be.
  void end() {
    peer = NOBODY;
  }

  /// Returns the member that is being connected, -1 if there is none.
  int peer() {
    return peer;
  }

  @Override
  public void run() {
    check.run();
    if (peer != NOBODY && observer != null) {
      observer.waiting(0, start, System.nanoTime());
    }
  }
}
