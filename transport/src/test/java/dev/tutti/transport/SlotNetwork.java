package dev.tutti.transport;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ranks that share memory, as a [Network] for the conformance test: slot channels laid out and
/// awaited as a communicator does it.
///
/// Each member's block in its own memory is zeroed, which makes its channels empty:
///
/// ```
///   +0     park line
///   +128   channel to member 0 on lane 0, lane 1 ...; to member 1 ...
/// ```
public final class SlotNetwork implements Network {
  private static final int SLOTS = 4; // a communicator's defaults
  private static final int SLOT_BYTES = 64 << 10;

  // of an operation; less than the tests' timeout, which would unmap memory under those that wait
  private static final long DEADLINE_NANOS = 20_000_000_000L;

  private final MemoryDomain domain;
  private final Waiter waiter;
  private final int lanes;
  private final Channel.Sender[] senders; // [member * lanes + lane]
  private final Channel.Receiver[] receivers;
  private int round; // of waiting, in this operation
  private long start;

  private SlotNetwork(MemoryDomain domain, long[] blocks, int lanes) {
    int members = domain.size();
    this.domain = domain;
    this.waiter =
        new Waiter(blocks[domain.rank()], peers(blocks, domain), 1, DEADLINE_NANOS, () -> {}, null);
    this.lanes = lanes;
    this.senders = new Channel.Sender[members * lanes];
    this.receivers = new Channel.Receiver[members * lanes];
    for (int i = 0; i < members * lanes; i++) {
      long to = channel(blocks[domain.rank()], i);
      long from = channel(blocks[i / lanes], domain.rank() * lanes + i % lanes);
      senders[i] = SlotChannel.sender(to, SLOTS, SLOT_BYTES);
      receivers[i] = SlotChannel.receiver(from, SLOTS, SLOT_BYTES);
    }
  }

  /// Returns the memory that a member needs.
  public static long bytes(int members, int lanes) {
    return channel(0, members * lanes);
  }

  /// Joins all members.
  ///
  /// @param domains the members' memory, by member; each network closes its own
  public static List<SlotNetwork> join(List<? extends MemoryDomain> domains, int lanes) {
    int members = domains.size();
    long[] tokens = new long[members];
    for (int m = 0; m < members; m++) {
      MemoryDomain domain = domains.get(m);
      tokens[m] = domain.token(domain.allocate(bytes(members, lanes), 128));
    }
    List<SlotNetwork> networks = new ArrayList<>();
    for (MemoryDomain domain : domains) {
      long[] blocks = new long[members];
      for (int m = 0; m < members; m++) {
        blocks[m] = domain.address(m, tokens[m]);
      }
      networks.add(new SlotNetwork(domain, blocks, lanes));
    }
    return networks;
  }

  /// Returns why slot channels lack an ability, null if they have it.
  public static @Nullable String lacks(NetworkConformanceTest.Ability ability) {
    return switch (ability) {
      case RUNS_AHEAD -> "members that share memory enter each operation together";
      case SIGNED_MESSAGES -> "members that share memory compare signatures when they enter";
      case REPORTS_CLOSED_PEERS ->
          "memory outlives its rank, whose end is the membership's to tell";
    };
  }

  private static long channel(long block, int index) {
    return block + Waiter.PARK_LINE_BYTES + index * SlotChannel.bytes(SLOTS, SLOT_BYTES);
  }

  private static long[] peers(long[] blocks, MemoryDomain domain) {
    long[] lines = new long[blocks.length - 1];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = blocks[i < domain.rank() ? i : i + 1];
    }
    return lines;
  }

  @Override
  public String transport() {
    return domain.transport();
  }

  @Override
  public void connect(int peer) {}

  @Override
  public Channel.Sender sender(int peer, int lane) {
    return senders[peer * lanes + lane];
  }

  @Override
  public Channel.Receiver receiver(int peer, int lane) {
    return receivers[peer * lanes + lane];
  }

  @Override
  public void begin(long operation, long signature) {
    round = 0;
    start = 0;
  }

  /// Data move in the calls of the channels; here the peers hear of it.
  @Override
  public boolean progress() {
    waiter.wakePeers();
    return false;
  }

  @Override
  public void await(long nanos) {
    start = waiter.idle(round++, start);
  }

  @Override
  public void settle(long address, long bytes) {}

  @Override
  public void end() {
    waiter.wakePeers();
  }

  /// Data move only inside calls.
  @Override
  public void abandon() {}

  @Override
  public void close() {
    domain.close();
  }
}
