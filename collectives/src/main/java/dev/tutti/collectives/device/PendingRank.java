package dev.tutti.collectives.device;

import dev.tutti.bindings.hccl.HcclCommunicator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// A communicator of HCCL in the making, by a thread of its own that uses the same device.
final class PendingRank {
  private final CompletableFuture<HcclCommunicator> made = new CompletableFuture<>();

  private PendingRank() {}

  static PendingRank start(DeviceRuntime runtime, Supplier<HcclCommunicator> making) {
    PendingRank pending = new PendingRank();
    Thread.ofPlatform()
        .daemon()
        .name("tutti-hccl-join")
        .start(() -> {
          try {
            runtime.use();
            boolean _ = pending.made.complete(making.get());
          } catch (RuntimeException | Error e) {
            pending.made.completeExceptionally(e);
          }
        });
    return pending;
  }

  boolean isDone() {
    return made.isDone();
  }

  /// Returns the communicator; throws what the making threw.
  HcclCommunicator get() {
    if (!made.isDone()) {
      throw new IllegalStateException("this communicator of HCCL is not made yet");
    }
    try {
      return made.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /// Ends the communicator, or sees to it that it ends when it is made.
  void abandon() {
    made.whenComplete((communicator, failure) -> {
      if (failure == null) {
        boolean _ = communicator.abandon();
      }
    });
  }
}
