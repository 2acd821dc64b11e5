package dev.tutti.transport.rendezvous;

import java.lang.System.Logger.Level;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Brings events to a [MembershipListener] on a thread of its own, so that a slow or blocking
/// callback does not stop the control connection; keeps them until there is a listener.
final class EventDispatcher {
  private static final System.Logger LOGGER = System.getLogger(EventDispatcher.class.getName());

  private static final int MAX_REPORTS = 1024;

  private final String threadName;
  private final BlockingQueue<Consumer<MembershipListener>> events = new LinkedBlockingQueue<>();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean stopped;
  private boolean dropped; // used by the posting thread only

  EventDispatcher(String threadName) {
    this.threadName = threadName;
  }

  void listen(MembershipListener listener) {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("there is a listener already");
    }
    Thread.ofPlatform().daemon().name(threadName).start(() -> dispatchLoop(listener));
  }

  void post(Consumer<MembershipListener> event) {
    events.add(event);
  }

  /// Posts an event that is dropped when the listener has too many to hear already.
  void postReport(Consumer<MembershipListener> event) {
    if (events.size() < MAX_REPORTS) {
      events.add(event);
    } else if (!dropped) {
      dropped = true;
      LOGGER.log(
          Level.WARNING, "reports of other ranks are dropped: " + MAX_REPORTS + " are waiting");
    }
  }

  /// Drops what is not delivered and ends the thread.
  void stop() {
    stopped = true;
    events.add(MembershipListener::serverClosed); // wakes the thread; never delivered
  }

  private void dispatchLoop(MembershipListener listener) {
    try {
      while (true) {
        Consumer<MembershipListener> event = events.take();
        if (stopped) {
          return;
        }
        deliver(event, listener);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // nobody interrupts this thread but the JVM going down
    }
  }

  private static void deliver(Consumer<MembershipListener> event, MembershipListener listener) {
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "a membership listener threw", e);
    }
  }
}
