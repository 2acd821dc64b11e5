package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.execute.OwnerExchange.Results;
import dev.tutti.collectives.kernel.Dither;
import dev.tutti.collectives.kernel.Kernels;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.WireCodec;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.RankOrder;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.Network;
import dev.tutti.transport.Waiter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The executable side of one communicator: its group, and the exchanges made for it.
///
/// Not thread-safe; the exchanges are used by one thread at a time.
public final class Exchanges {
  private final SharedGroup group;
  private final Members members;
  private final ConnectWatch watch;
  private final List<Network> networks = new ArrayList<>();
  private final ScratchMemory scratch;
  private final ScratchMemory contributions; // of composed exchanges, whose parts use the other one
  private final MessagePort messages;
  private final FlowPort flows;
  private final RemotePort remote;
  private final long streamingBytes;
  private final int arrivalLane;
  private @Nullable ArrivalAgreement arrivals;
  private final Map<FlatExchange.Shape, Exchange> flat = new EnumMap<>(FlatExchange.Shape.class);
  private final Map<Lowering.Shape, Exchange> pipelined = new EnumMap<>(Lowering.Shape.class);
  private final Map<BlockExchange.Shape, UnevenExchange> blocks =
      new EnumMap<>(BlockExchange.Shape.class);
  private final Map<Interpreted, ScheduleRunner> interpreted = new HashMap<>();

  /// What is interpreted, which of its steps exchange their operands, and for which members.
  private record Interpreted(Schedule schedule, BitSet exchanged, List<Integer> names) {}

  /// Sizes of a group's memory; see [GroupLayout]. With `lanes` 0 there are as many as members.
  public record Sizes(
      int flatBytes,
      int windowSlots,
      int windowSlotBytes,
      int lanes,
      int channelSlots,
      int channelSlotBytes) {
    private static final int LEAST_LANES = 64;

    /// @param local members that share memory
    /// @param members all members
    GroupLayout layout(int local, int members) {
      return new GroupLayout(
          local,
          flatBytes,
          windowSlots,
          windowSlotBytes,
          lanes(members),
          channelSlots,
          channelSlotBytes);
    }

    /// Returns the lanes of a group: as many as it has members, which is what the ring needs,
    /// unless configured.
    public int lanes(int members) {
      return lanes == 0 ? Math.max(LEAST_LANES, members) : lanes;
    }

    /// Returns the size of the block that each of `members` members owns.
    public long blockBytes(int members) {
      return layout(members, members).bytes();
    }

    /// Returns how much of the block, from its beginning, operations touch all the time.
    public long hotBytes(int members) {
      return layout(members, members).hotBytes();
    }
  }

  /// Opens a network among the members of a communicator.
  @FunctionalInterface
  public interface NetworkOpener {
    /// Opens one.
    ///
    /// @param purpose what it is for, 0 or 1
    /// @param lanes number of lanes
    /// @param check called now and then while waiting for a connection
    Network open(int purpose, int lanes, Waiter.Check check);
  }

  /// Joins a group whose members' blocks are known.
  ///
  /// @param status who is still there, and which rank of the domain each member is
  /// @param index this rank's index among them
  /// @param blockTokens token of each member's block
  /// @param ranksPerCore how many ranks share a core
  /// @param timeoutNanos longest wait for a peer, 0 for ever
  /// @param streamingBytes footprint from which results bypass the cache
  /// @param opener how to reach members that do not share memory
  public Exchanges(
      MemoryDomain domain,
      Sizes sizes,
      GroupStatus status,
      int index,
      long[] blockTokens,
      int ranksPerCore,
      long timeoutNanos,
      long streamingBytes,
      NetworkOpener opener) {
    int[] ranks = status.ranks();
    int[] local = // members that share memory
        IntStream.range(0, ranks.length).filter(m -> domain.reaches(ranks[m])).toArray();
    int[] localOf = new int[ranks.length];
    Arrays.fill(localOf, -1);
    long[] blocks = new long[local.length];
    long[] peerParkLines = new long[local.length - 1];
    int peers = 0;
    for (int i = 0; i < local.length; i++) {
      localOf[local[i]] = i;
      blocks[i] = domain.address(ranks[local[i]], blockTokens[local[i]]);
      if (local[i] != index) {
        peerParkLines[peers++] = blocks[i] + GroupLayout.PARK;
      }
    }
    StatusCheck check = new StatusCheck(status, index, localOf);
    int lanes = sizes.lanes(ranks.length);
    boolean spread = local.length < ranks.length;
    this.watch = new ConnectWatch(check);
    Network network = spread ? opened(opener.open(0, lanes + 1, watch)) : null;
    Network messageNetwork = spread ? opened(opener.open(1, 1, watch)) : null;
    long parkLine = blocks[localOf[index]] + GroupLayout.PARK;
    Waiter waiter = new Waiter(parkLine, peerParkLines, ranksPerCore, timeoutNanos, check, network);
    Waiter messageWaiter =
        new Waiter(parkLine, peerParkLines, ranksPerCore, timeoutNanos, check, messageNetwork);
    int[] localRanks = IntStream.of(local).map(m -> ranks[m]).toArray();
    this.group =
        new SharedGroup(
            domain,
            sizes.layout(local.length, ranks.length),
            localRanks,
            local,
            localOf[index],
            blocks,
            waiter);
    check.watch(group);
    ChannelTable channels = new ChannelTable(group, localOf, network, watch, 0, lanes + 1);
    this.members = new Members(group, channels, network, waiter, index, ranks.length);
    ChannelTable ports = new ChannelTable(group, localOf, messageNetwork, watch, lanes + 1, 1);
    Members correspondents =
        new Members(group, ports, messageNetwork, messageWaiter, index, ranks.length);
    this.messages = new MessagePort(group, correspondents);
    this.scratch = new ScratchMemory(domain);
    this.contributions = new ScratchMemory(domain);
    this.flows = new FlowPort(correspondents, scratch);
    this.remote = new RemotePort(correspondents);
    this.streamingBytes = streamingBytes;
    this.arrivalLane = lanes;
  }

  private Network opened(Network network) {
    networks.add(network);
    return network;
  }

  /// Returns whether all members share memory.
  public boolean areAllLocal() {
    return networks.isEmpty();
  }

  /// Returns the exchange for a lowered shape and vector size.
  public Exchange lowered(Lowering.Shape shape, Schedule schedule, long vectorBytes) {
    boolean small = vectorBytes <= group.layout.flatBytes();
    boolean tiny = small && vectorBytes <= BlockExchange.LEAST_BYTES;
    return switch (shape) {
      case REDUCE_ALL -> flat(FlatExchange.Shape.REDUCE_ALL);
      case REDUCE_OWN -> small ? flat(FlatExchange.Shape.REDUCE_OWN) : pipelined(shape, schedule);
      case TAKE_ROOT -> small ? flat(FlatExchange.Shape.TAKE_ROOT) : pipelined(shape, schedule);
      case TAKE_ALL -> small ? flat(FlatExchange.Shape.TAKE_ALL) : pipelined(shape, schedule);
      case MEET -> flat(FlatExchange.Shape.NOTHING);
      case REDUCE_AT_ROOT -> owned(shape, FlatExchange.Shape.REDUCE_AT_ROOT, vectorBytes);
      case REDUCE_UP_TO_SELF -> owned(shape, FlatExchange.Shape.REDUCE_UP_TO_SELF, vectorBytes);
      case REDUCE_BELOW_SELF -> owned(shape, FlatExchange.Shape.REDUCE_BELOW_SELF, vectorBytes);
      case GATHER -> tiny ? flat(FlatExchange.Shape.GATHER) : blocks(BlockExchange.Shape.GATHER);
      case SCATTER -> tiny ? flat(FlatExchange.Shape.SCATTER) : blocks(BlockExchange.Shape.SCATTER);
      case TAKE_OWN ->
          vectorBytes / group.size <= Math.min(group.layout.flatBytes(), BlockExchange.LEAST_BYTES)
              ? flat(FlatExchange.Shape.TAKE_OWN)
              : blocks(BlockExchange.Shape.ALL_TO_ALL);
      case REDUCE_AND_SHARE -> pipelined(shape, schedule);
    };
  }

  /// Returns the exchange for a lowered shape on blocks of different lengths.
  ///
  /// @throws IllegalArgumentException if there is none, see [Lowering.Shape#allowsUnevenBlocks]
  public UnevenExchange loweredUneven(Lowering.Shape shape) {
    return switch (shape) {
      case GATHER -> blocks(BlockExchange.Shape.GATHER);
      case SCATTER -> blocks(BlockExchange.Shape.SCATTER);
      case TAKE_OWN -> blocks(BlockExchange.Shape.ALL_TO_ALL);
      case TAKE_ALL -> blocks(BlockExchange.Shape.ALL_GATHER);
      default -> throw new IllegalArgumentException("equal blocks only: " + shape);
    };
  }

  /// Makes sure that the window has its pages before the first exchange that uses it.
  private void populateWindow() {
    if (pipelined.isEmpty() && blocks.isEmpty()) {
      group.populateWindow();
    }
  }

  private UnevenExchange blocks(BlockExchange.Shape shape) {
    populateWindow();
    return blocks.computeIfAbsent(shape, s -> new BlockExchange(group, s, streamingBytes));
  }

  private Exchange flat(FlatExchange.Shape shape) {
    return flat.computeIfAbsent(shape, s -> new FlatExchange(group, s));
  }

  /// Returns a flat exchange for a small vector; of a large one every rank owns a part.
  private Exchange owned(Lowering.Shape shape, FlatExchange.Shape small, long vectorBytes) {
    if (group.size == 1 || vectorBytes < Lowering.Shape.OWNED_BYTES) {
      return flat(small);
    }
    populateWindow();
    return pipelined.computeIfAbsent(
        shape,
        s ->
            switch (s) {
              case REDUCE_AT_ROOT -> owner(Results.ROOT, Partition.even(group.size));
              case REDUCE_UP_TO_SELF -> owner(Results.UP_TO_SELF, Partition.even(group.size));
              case REDUCE_BELOW_SELF -> owner(Results.BELOW_SELF, Partition.even(group.size));
              default -> throw new IllegalArgumentException("has no owners: " + s);
            });
  }

  private OwnerExchange owner(Results results, Partition owners) {
    return new OwnerExchange(group, owners, results, streamingBytes, scratch, anyKernel());
  }

  private Exchange pipelined(Lowering.Shape shape, Schedule schedule) {
    populateWindow();
    return pipelined.computeIfAbsent(
        shape,
        s ->
            switch (s) {
              case REDUCE_AND_SHARE -> owner(Results.ALL, schedule.partition());
              case REDUCE_OWN -> owner(Results.OWN, schedule.partition());
              case TAKE_ROOT -> new GatherExchange(group, true, streamingBytes);
              case TAKE_ALL -> new GatherExchange(group, false, streamingBytes);
              default -> throw new IllegalArgumentException("not a pipeline: " + s);
            });
  }

  /// Returns the exchange that interprets a schedule.
  ///
  /// @param order in which order it combines operands, null for any
  public UnevenExchange interpreted(Schedule schedule, @Nullable RankOrder order) {
    return runner(schedule, order);
  }

  private ScheduleRunner runner(Schedule schedule, @Nullable RankOrder order) {
    BitSet exchanged = order == null ? new BitSet() : order.exchanged(schedule.rank());
    return runner(schedule, exchanged, IntStream.range(0, members.size()).toArray());
  }

  /// Returns what interprets a schedule of some members.
  ///
  /// @param names the member that each rank of the schedule stands for
  private ScheduleRunner runner(Schedule schedule, BitSet exchanged, int[] names) {
    return interpreted.computeIfAbsent(
        new Interpreted(schedule, exchanged, IntStream.of(names).boxed().toList()),
        key -> new ScheduleRunner(members, names, schedule, exchanged, scratch, anyKernel()));
  }

  /// Returns the exchange that begins without a member that is late; connects to all members.
  ///
  /// @param usual what runs where nobody is late
  /// @param without this member's schedule for each member that may be late
  /// @param patienceNanos how long all but one wait for the last
  public Exchange beginningWithout(Exchange usual, List<Schedule> without, long patienceNanos) {
    ArrivalAgreement agreement = arrivals;
    if (agreement == null) {
      agreement = new ArrivalAgreement(members, arrivalLane);
      arrivals = agreement;
    }
    ScheduleRunner[] runners =
        without.stream().map(s -> runner(s, null)).toArray(ScheduleRunner[]::new);
    return new ArrivalExchange(members, agreement, usual, runners, patienceNanos);
  }

  /// Returns a reduction whose kernel gets the contributions of all ranks in one call.
  ///
  /// @param collective one that reduces
  /// @param root its root, 0 if it has none
  /// @param scatter an all-to-all
  /// @param gather what [OwnerReduction#gathers] of the collective; null for a reduce-scatter
  public UnevenExchange composed(
      Collective collective, int root, UnevenExchange scatter, @Nullable UnevenExchange gather) {
    Phases phases = new Phases(members, scatter, gather, anyKernel());
    return new OwnerReduction(members, collective, root, phases, contributions);
  }

  /// Returns an all-reduce or reduce-scatter of float32 whose data travel encoded between hosts.
  ///
  /// @param owners who exchanges what
  /// @param scatter this host's schedule of an all-to-all among hosts
  /// @param gather that of an all-gather; null for a reduce-scatter
  public Exchange encoded(
      ShardOwners owners,
      Schedule scatter,
      @Nullable Schedule gather,
      WireCodec codec,
      Dither dither) {
    List<EncodedReduction.Route> routes = new ArrayList<>();
    for (int s = owners.place(); s < owners.shards(); s += group.size) {
      int[] names = owners.owners(s);
      ScheduleRunner last = gather == null ? null : runner(gather, new BitSet(), names);
      routes.add(new EncodedReduction.Route(s, runner(scatter, new BitSet(), names), last));
    }
    return new EncodedReduction(
        members, group, owners, routes, codec, dither, contributions, anyKernel());
  }

  private static ReductionKernel anyKernel() {
    return Kernels.of(DataType.FLOAT32, ReduceOp.SUM);
  }

  /// Returns the port for point-to-point messages.
  public MessagePort messages() {
    return messages;
  }

  /// Returns the port for flows that measure; between members as the port for messages is.
  public FlowPort flows() {
    return flows;
  }

  /// Returns the port for messages that nobody waits for; between members as the port for messages
  /// is.
  public RemotePort remote() {
    return remote;
  }

  /// Returns who waits for the words of other members that share memory.
  public Waiter waiter() {
    return group.waiter;
  }

  /// Says which operation runs next, for error messages.
  public void operation(long number) {
    group.operation = number;
  }

  /// Returns the members that have not entered the operation that runs, for error messages; null if
  /// all have.
  public @Nullable String missing() {
    return group.missing();
  }

  /// Sets who hears of this member's long waits.
  public void observe(Waiter.Observer observer) {
    watch.observe(observer);
    group.waiter.observe(observer);
    messages.observe(observer);
  }

  /// Returns the member that the operation that runs waits for, -1 if unknown. For the thread that
  /// waits.
  ///
  /// @param address of the progress word that is awaited, 0 if it is no single one
  public int awaited(long address) {
    if (address != 0) {
      return group.memberAt(address);
    }
    if (watch.peer() >= 0) {
      return watch.peer();
    }
    if (arrivals != null && arrivals.awaited() >= 0) {
      return arrivals.awaited();
    }
    for (ScheduleRunner runner : interpreted.values()) {
      if (runner.awaited() >= 0) {
        return runner.awaited();
      }
    }
    return -1;
  }

  /// Returns the members that share memory with this one and have not entered the latest operation
  /// that this one entered.
  public List<Integer> absent() {
    return group.absent();
  }

  /// Frees the working memory and says goodbye to the other members' blocks. This member's own
  /// block stays until [#isAbandoned].
  public void close() {
    scratch.release();
    contributions.release();
    networks.forEach(Network::close);
    group.close();
  }

  /// Frees the working memory and closes the connections of a group that no living member uses any
  /// more.
  public void release() {
    scratch.release();
    contributions.release();
    disconnect();
  }

  /// Says that an operation has failed, whose memory may be freed afterwards.
  public void abandon() {
    networks.forEach(Network::abandon);
  }

  /// Closes the connections of a group that has failed.
  public void disconnect() {
    networks.forEach(Network::close);
  }

  /// Returns whether all members have closed the group, so that this member's block can be freed.
  public boolean isAbandoned() {
    return Memory.getLongAcquire(group.own + GroupLayout.CLOSED) == group.size;
  }
}
