package dev.tutti.collectives;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.topology.Host;
import dev.tutti.transport.inproc.InprocDomain;
import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.rendezvous.Rendezvous;
import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.shm.ShmRegion;
import java.util.List;
import java.util.stream.IntStream;

/// Forms a world of processes: shared region, rendezvous, mapping, profile.
final class WorldJoin {
  private static final long LEAST_REGION_BYTES = 4L << 30;
  private static final long ADDRESSES = 1; // tag of the exchange

  private WorldJoin() {}

  static Communicator join(CommunicatorConfig config) {
    if (config.joinRunning() != null) {
      return NewcomerJoin.join(config);
    }
    LaunchEnvironment launch = config.launch();
    if (launch == null) {
      return alone(config);
    }
    Host host = Host.local();
    ShmRegion region = region(config, host);
    boolean done = false;
    Membership membership = null;
    try {
      long token = region.allocateBlock(config.sizes().blockBytes(launch.size()));
      byte[] card = card(config, host, region, token).encode();
      membership = Rendezvous.join(launch, card, config.joinTimeout(), config.membership());
      Communicator world = connect(config, host, region, membership, launch);
      done = true;
      return world;
    } catch (RendezvousException e) {
      throw translate(e, launch.rank());
    } catch (IllegalStateException | NativeCallException e) {
      throw new TuttiException(String.valueOf(e.getMessage()), launch.rank(), -1, e);
    } finally {
      if (!done) {
        region.close();
        if (membership != null) {
          membership.close();
        }
      }
    }
  }

  static ShmRegion region(CommunicatorConfig config, Host host) {
    long most = Math.max(LEAST_REGION_BYTES, 2 * host.memoryBytes().orElse(0));
    return ShmRegion.create(config.regionBytes() > 0 ? config.regionBytes() : most);
  }

  /// Returns what this rank tells the others.
  static WorldCard card(CommunicatorConfig config, Host host, ShmRegion region, long token) {
    String hostId = config.hostId() == null ? host.id() : config.hostId();
    return new WorldCard(region.card(), token, hostId, config.fingerprint());
  }

  /// A program that no launcher started is a world of one rank.
  private static Communicator alone(CommunicatorConfig config) {
    InprocDomain domain = InprocDomain.create(1, config.sharing()).get(0);
    long token = WorldContext.allocateBlock(domain, config.sizes(), 1);
    WorldContext world =
        WorldContext.ofThread(domain, config, Host.local(), ThreadsControl.create(1).get(0));
    CommunicatorCore core = new CommunicatorCore(world, 0, new int[] {0}, 0, new long[] {token});
    return new Communicator(core).owningWorld();
  }

  private static Communicator connect(
      CommunicatorConfig config,
      Host host,
      ShmRegion region,
      Membership membership,
      LaunchEnvironment launch) {
    int[] all = IntStream.range(0, launch.size()).toArray();
    ProcessWorld processes = new ProcessWorld(config, membership, launch.rendezvous(), region, all);
    boolean done = false;
    try {
      Communicator world = communicator(processes, config, host, all);
      done = true;
      return world;
    } finally {
      if (!done) {
        processes.abandon();
      }
    }
  }

  private static Communicator communicator(
      ProcessWorld processes, CommunicatorConfig config, Host host, int[] ranks) {
    int rank = processes.rank();
    String problem = processes.problem();
    if (problem != null) {
      throw new MismatchException(problem, rank, -1, null);
    }
    long[] tokens = processes.blockTokens();
    if (processes.isSpread(ranks)) {
      byte[] mine = AddressList.encode(processes.listen());
      processes.reach(ranks, List.of(processes.allGather(ADDRESSES, mine)));
      processes.openUcx();
    }
    processes
        .domain()
        .populate(
            processes.domain().address(rank, tokens[rank]), config.sizes().hotBytes(ranks.length));
    WorldContext world = processes.context(host);
    return measured(new CommunicatorCore(world, 0, ranks, rank, tokens)).owningWorld();
  }

  /// Makes a communicator and has it measure what its planner needs to know; closes it if it
  /// cannot.
  static Communicator measured(CommunicatorCore core) {
    Communicator communicator = new Communicator(core);
    boolean done = false;
    try {
      ProfileProbe.measure(communicator, core);
      done = true;
      return communicator;
    } finally {
      if (!done) {
        communicator.close();
      }
    }
  }

  static TuttiException translate(RendezvousException e, int rank) {
    String message = String.valueOf(e.getMessage());
    return switch (e.kind()) {
      case AUTHENTICATION -> new AuthenticationException(message, rank, -1, e);
      case TIMEOUT -> new TimeoutException(message, rank, -1, e);
      case CONNECTION ->
          e.ranks().isEmpty()
              ? new TuttiException(message, rank, -1, e)
              : new RankFailedException(e.ranks(), message, rank, -1, e);
      case PROTOCOL, REFUSED -> new TuttiException(message, rank, -1, e);
    };
  }
}
