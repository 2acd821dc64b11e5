package dev.tutti.collectives;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.collectives.GrowthTerms.Invitation;
import dev.tutti.topology.Host;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.shm.ShmRegion;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Joins a world that runs: waits until one of its communicators admits this process, and becomes a
/// member of that.
final class NewcomerJoin {
  private NewcomerJoin() {}

  static Communicator join(CommunicatorConfig config) {
    URI rendezvous = config.joinRunning();
    if (rendezvous == null) {
      throw new IllegalArgumentException("tutti.joinRunning is not set");
    }
    long deadline = System.nanoTime() + config.joinTimeout().toNanos();
    Host host = Host.local();
    ShmRegion region = WorldJoin.region(config, host);
    boolean done = false;
    Membership membership = null;
    try {
      byte[] card = WorldJoin.card(config, host, region, 0).encode();
      membership =
          Membership.joinRunning(
              rendezvous, config.secret(), card, config.joinTimeout(), config.membership());
      Communicator result = connect(config, rendezvous, host, region, membership, deadline);
      done = true;
      return result;
    } catch (RendezvousException e) {
      throw WorldJoin.translate(e, -1);
    } catch (IllegalStateException | NativeCallException e) {
      throw new TuttiException(String.valueOf(e.getMessage()), -1, -1, e);
    } finally {
      if (!done) {
        region.close();
        if (membership != null) {
          membership.close();
        }
      }
    }
  }

  private static Communicator connect(
      CommunicatorConfig config,
      URI rendezvous,
      Host host,
      ShmRegion region,
      Membership membership,
      long deadline) {
    ProcessWorld processes = new ProcessWorld(config, membership, rendezvous, region, new int[0]);
    boolean done = false;
    try {
      Invitation invitation = await(processes, deadline);
      String problem = null;
      for (int rank : invitation.members()) {
        if (rank != membership.rank()) {
          String found = WorldGrowth.add(processes, rank, membership.cards().get(rank));
          problem = problem == null ? found : problem;
        }
      }
      WorldContext world = processes.context(host);
      Duration rest = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      CommunicatorCore core = WorldGrowth.meet(processes, world, invitation, problem, rest);
      Communicator result = WorldJoin.measured(core).owningWorld();
      done = true;
      return result;
    } finally {
      if (!done) {
        processes.abandon();
      }
    }
  }

  private static Invitation await(ProcessWorld processes, long deadline) {
    try {
      long rest = Math.max(0, deadline - System.nanoTime());
      byte[] bytes = processes.status().invitation().get(rest, TimeUnit.NANOSECONDS);
      return Invitation.decode(bytes);
    } catch (java.util.concurrent.TimeoutException | ExecutionException e) {
      throw new TimeoutException(
          "admitted as rank " + processes.rank() + ", but no member has said to what", -1, -1, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AbortedException("interrupted while waiting to be invited", -1, -1, e);
    }
  }
}
