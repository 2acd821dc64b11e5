package dev.tutti.collectives.device;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.collectives.Request;
import dev.tutti.collectives.TimeoutException;
import java.time.Duration;

/// What a stream had been given when this was made.
final class DeviceRequest implements Request {
  private final DeviceCore core;
  private final String operation;
  private final long collective;
  private final long event;
  private volatile boolean done; // written under the lock

  DeviceRequest(DeviceCore core, String operation, long stream) {
    this.core = core;
    this.operation = operation;
    this.collective = core.number();
    core.runtime.use();
    this.event = core.events.take();
    try {
      core.runtime.record(event, stream);
    } catch (NativeCallException e) {
      core.events.put(event);
      throw core.refused(operation, e);
    }
  }

  @Override
  public boolean isDone() {
    if (done || core.hasFailed()) {
      return true;
    }
    core.runtime.use();
    // If another thread has waited to the end meanwhile, the event is somebody else's.
    return core.runtime.isDone(event) || done;
  }

  @Override
  public synchronized void await() {
    if (!done) {
      core.await(event, operation, collective);
      ended();
    }
  }

  @Override
  public synchronized void await(Duration timeout) {
    if (done) {
      return;
    }
    if (!core.isDoneWithin(event, operation, timeout.toNanos())) {
      throw TimeoutException.harmless(
          operation + " goes on after " + timeout.toMillis() / 1000.0 + " s",
          core.control.rank(),
          null);
    }
    ended();
  }

  private void ended() {
    done = true;
    core.events.put(event);
  }
}
