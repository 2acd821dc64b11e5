package dev.tutti.collectives;

import dev.tutti.collectives.plan.HostProfile;
import dev.tutti.topology.Host;
import dev.tutti.transport.inproc.InprocDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Ranks that are threads of this JVM, for tests and for embedding.
///
/// ```java
/// try (World world = World.threads(4)) {
///   world.run(c -> c.allReduce(new float[] {c.rank()}, ReduceOp.SUM));
/// }
/// ```
public final class World implements AutoCloseable {
  private final List<Communicator> communicators;

  private World(List<Communicator> communicators) {
    this.communicators = communicators;
  }

  /// Makes a world of `size` ranks in this JVM, configured by system properties and environment.
  ///
  /// @param size at least 1
  public static World threads(int size) {
    return threads(size, CommunicatorConfig.fromEnvironment());
  }

  /// Makes a world of `size` ranks in this JVM.
  public static World threads(int size, CommunicatorConfig config) {
    if (size < 1) {
      throw new IllegalArgumentException("size is " + size + ", expected at least 1");
    }
    List<InprocDomain> domains = InprocDomain.create(size, config.sharing());
    long[] tokens = new long[size];
    for (int r = 0; r < size; r++) {
      tokens[r] = WorldContext.allocateBlock(domains.get(r), config.sizes(), size);
    }
    Host host = Host.local();
    List<ThreadsControl> controls = ThreadsControl.create(size);
    List<Communicator> communicators = new ArrayList<>(size);
    for (int r = 0; r < size; r++) {
      InprocDomain domain = domains.get(r);
      WorldContext world = WorldContext.ofThread(domain, config, host, controls.get(r));
      CommunicatorCore core =
          new CommunicatorCore(world, 0, IntStream.range(0, size).toArray(), r, tokens);
      core.planner().profile(HostProfile.typical(world.ranksPerCore(), world.cacheBytes()));
      communicators.add(new Communicator(core).owningWorld());
    }
    return new World(List.copyOf(communicators));
  }

  /// Returns the number of ranks.
  public int size() {
    return communicators.size();
  }

  /// Returns the communicator of a rank, to be used by one thread at a time.
  public Communicator communicator(int rank) {
    return communicators.get(rank);
  }

  /// What a rank does.
  @FunctionalInterface
  public interface RankTask {
    /// Runs on the rank's own thread.
    void run(Communicator communicator) throws Exception;
  }

  /// Runs a task on every rank, each on a thread of its own, and waits for all.
  ///
  /// A task that throws counts as a failed rank: the others get a [RankFailedException] when they
  /// communicate.
  ///
  /// @throws TuttiException whose cause is the first task's exception; those of other ranks are
  ///   suppressed in it
  public void run(RankTask task) {
    AtomicReference<@Nullable TuttiException> first = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (Communicator communicator : communicators) {
      threads.add(
          Thread.ofPlatform()
              .name("tutti-rank-" + communicator.rank())
              .start(() -> runRank(task, communicator, first)));
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          communicators.get(0).abort("interrupted");
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    TuttiException failure = first.get();
    if (failure != null) {
      throw failure;
    }
  }

  private static void runRank(
      RankTask task, Communicator communicator, AtomicReference<@Nullable TuttiException> first) {
    try {
      task.run(communicator);
    } catch (Throwable t) {
      String message = "rank " + communicator.rank() + " failed: " + t;
      TuttiException failure = new TuttiException(message, communicator.rank(), -1, t);
      if (!first.compareAndSet(null, failure)) {
        TuttiException earlier = first.get();
        if (earlier != null) {
          earlier.addSuppressed(t);
        }
      }
      communicator.die(message);
    }
  }

  /// Closes all communicators.
  @Override
  public void close() {
    communicators.forEach(Communicator::close);
  }
}
