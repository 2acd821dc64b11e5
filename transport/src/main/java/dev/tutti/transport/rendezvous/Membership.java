package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One rank's place in a world: its control connection to the rendezvous.
///
/// A daemon thread reads the connection; all methods may be called by any thread. A rank that ends
/// without [#close()] counts as failed on all others, and so does one that is silent for longer
/// than [MembershipOptions#heartbeatTimeout()].
///
/// If the rendezvous is lost, the lowest surviving rank takes its place within a moment (see
/// [MembershipOptions.Takeover]): the others connect to it, all hear which ranks died with the last
/// one, and the control plane goes on. Each rank listens for that case from the time it joins, on
/// the loopback address where there is no secret or the rendezvous itself is there. There is no
/// vote: if the network splits, either side goes on without the other, and neither takes the other
/// back; a rank that comes back from either hears [MembershipListener#evicted].
public final class Membership implements AutoCloseable {
  /// The most bytes of a card and of a contribution to [#allGather] or [#agree].
  public static final int MAX_CONTRIBUTION_BYTES = Frame.MAX_BYTES / 2;

  /// The most bytes of a report, see [#tell].
  public static final int MAX_REPORT_BYTES = 16 * 1024;

  /// The most newcomers of one admission.
  public static final int MAX_NEWCOMERS = 1024;

  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration GOODBYE_TIMEOUT = Duration.ofSeconds(2);

  private final WorldView view;
  private final EventDispatcher events;
  private final ControlLink link;
  private final ServerPlace place;
  private final Secret secret;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean left; // guarded by lock

  Membership(
      WorldView view, EventDispatcher events, ControlLink link, ServerPlace place, Secret secret) {
    this.view = view;
    this.events = events;
    this.link = link;
    this.place = place;
    this.secret = secret;
  }

  /// Joins with [MembershipOptions#defaults()]; see [#join(URI, int, int, Secret, byte\[\],
  /// Duration, MembershipOptions)].
  public static Membership join(
      URI rendezvous, int rank, int worldSize, Secret secret, byte[] card, Duration timeout) {
    return join(rendezvous, rank, worldSize, secret, card, timeout, MembershipOptions.defaults());
  }

  /// Joins the world at `rendezvous` and waits until all its ranks are there.
  ///
  /// @param rendezvous `tcp://host:port`, or `file:///directory?job=name` (see [Rendezvous])
  /// @param card what the others need to know about this rank: addresses, host, process
  /// @param timeout for all of it, the wait for the server to come up included
  /// @throws RendezvousException AUTHENTICATION wrong or missing secret on either side; TIMEOUT no
  ///   server, or ranks missing (listed); REFUSED duplicate rank or wrong world size; PROTOCOL
  ///   other version or no rendezvous at all; CONNECTION server or a rank died meanwhile
  public static Membership join(
      URI rendezvous,
      int rank,
      int worldSize,
      Secret secret,
      byte[] card,
      Duration timeout,
      MembershipOptions options) {
    if (worldSize < 1) {
      throw new IllegalArgumentException("worldSize must be at least 1, is " + worldSize);
    }
    if (rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException("rank " + rank + " is not in 0.." + (worldSize - 1));
    }
    return new Joining(rendezvous, secret, card, timeout, options).join(rank, worldSize, null);
  }

  /// Joins a world that runs already, as soon as its members [#admit] newcomers.
  ///
  /// The new rank knows the cards of all ranks there ever were; the listener hears at once of those
  /// that are gone.
  ///
  /// @param rendezvous as for [#join], or [#uri()] of any member: those that do not serve send the
  ///   newcomer on
  /// @param timeout for all of it, the wait to be admitted included
  /// @throws RendezvousException AUTHENTICATION, PROTOCOL as for [#join]; TIMEOUT no server, or not
  ///   admitted in time
  public static Membership joinRunning(
      URI rendezvous, Secret secret, byte[] card, Duration timeout, MembershipOptions options) {
    return new Joining(rendezvous, secret, card, timeout, options).joinRunning();
  }

  WorldView view() {
    return view;
  }

  /// Returns this rank.
  public int rank() {
    return view.rank();
  }

  /// Returns the job's secret: the one this rank came with, or the one it found in the rendezvous
  /// file.
  public Secret secret() {
    return secret;
  }

  /// Returns the number of ranks this world has given out, those that are gone included.
  ///
  /// It grows when newcomers are admitted, on each rank at the moment in which it hears of them;
  /// where the number must be the same on all, use what [#admit] returned. Ranks are not given
  /// again.
  public int worldSize() {
    return view.worldSize();
  }

  /// Returns the cards of all ranks, by rank; copies. As many as [#worldSize()].
  public List<byte[]> cards() {
    return view.cards();
  }

  /// Returns the rank in whose process the rendezvous is served now, or -1.
  public int servingRank() {
    return view.servingRank();
  }

  /// Returns an address of this rank for [#joinRunning]; null if it does not listen because its
  /// [MembershipOptions.Takeover] forbids it to serve.
  public @Nullable URI uri() {
    return place.uri();
  }

  /// Sets the listener; events that came before are delivered now. To be called once.
  ///
  /// @throws IllegalStateException if there is a listener already
  public void onEvent(MembershipListener listener) {
    events.listen(listener);
  }

  /// Tells all other ranks that the job is to end; returns when that is on its way (at most 1 s).
  ///
  /// They hear [MembershipListener#aborted]; their pending gathers and agreements fail.
  public void abort(String reason) {
    // Noted first: if there is no server just now, the next hears of it with the rest.
    view.addAbort(new Abort(rank(), reason));
    view.send(new Frame.Writer().putText(reason).toFrame(FrameType.ABORT));
    link.connection().flush(FLUSH_TIMEOUT);
  }

  /// Sends a short report to `members`; they hear [MembershipListener#told].
  ///
  /// For notices that help people, not for agreements: a report is lost where the receiver is gone,
  /// does not keep up with reading, or the rendezvous is just lost. Does not wait.
  ///
  /// @param members distinct ranks; this one may be among them
  /// @param payload at most [#MAX_REPORT_BYTES]
  public void tell(int[] members, long tag, byte[] payload) {
    if (payload.length > MAX_REPORT_BYTES) {
      throw new IllegalArgumentException(
          "report of " + payload.length + " bytes; the limit is " + MAX_REPORT_BYTES);
    }
    GatherKey to = new GatherKey(tag, checkRanks(members));
    if (members.length > 0) {
      view.send(to.write().putBytes(payload).toFrame(FrameType.TELL));
    }
  }

  /// Exchanges contributions among all ranks; see [#allGather(long, int\[\], byte\[\], Duration)].
  public byte[][] allGather(long tag, byte[] mine, Duration timeout) {
    return allGather(tag, IntStream.range(0, worldSize()).toArray(), mine, timeout);
  }

  /// Exchanges contributions among `members` over the rendezvous: slow, for agreements.
  ///
  /// All members call it with the same tag and the same members in the same order. The same tag may
  /// be used again after success, but not after a timeout. If a member or the rendezvous dies in
  /// the middle, some members may return with the result where others throw; where that matters,
  /// use [#agree].
  ///
  /// @param members distinct world ranks, this one among them
  /// @param mine this rank's contribution, at most [#MAX_CONTRIBUTION_BYTES]
  /// @return the contributions, in the order of `members`
  /// @throws RendezvousException TIMEOUT naming the members that did not contribute; CONNECTION if
  ///   a member is gone (named), the job was aborted or the server is lost
  public byte[][] allGather(long tag, int[] members, byte[] mine, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Joining.checkLength("contribution", mine);
    GatherKey key = new GatherKey(tag, checkMembers(members));
    return view.gather(key, mine, timeout, deadline);
  }

  /// Agrees with all of `members` that live on who they are, and exchanges contributions.
  ///
  /// All living members call it with the same tag and the same members in the same order; those
  /// that are gone, or die before it is decided, are left out. Every member that returns gets the
  /// same result, even if the rendezvous dies in the middle; a timeout is thrown only where nothing
  /// was or will be decided with this rank's contribution. A tag names one agreement: it may be
  /// used again by the same members after a timeout, never after success.
  ///
  /// @param members distinct world ranks, this one among them
  /// @param mine this rank's contribution, at most [#MAX_CONTRIBUTION_BYTES]
  /// @throws RendezvousException TIMEOUT naming the members that live and did not call; CONNECTION
  ///   if the job was aborted, this rank was declared dead, or the rendezvous is lost for good
  public SurvivorGather agree(long tag, int[] members, byte[] mine, Duration timeout) {
    Proposal proposal = call(new AgreementKey(key(tag, members), 0), mine, timeout);
    List<Integer> survivors =
        proposal.key().group().members().stream().filter(proposal.parts()::containsKey).toList();
    return new SurvivorGather(
        survivors,
        survivors.stream()
            .map(member -> Objects.requireNonNull(proposal.parts().get(member)).clone())
            .toList());
  }

  /// Admits processes that wait in [#joinRunning] to this world, as soon as there are enough.
  ///
  /// All living members call it with the same tag, members and number; members that die meanwhile
  /// are not waited for. The newcomers get the next free ranks. Every member that returns gets the
  /// same result, as with [#agree]; ranks that are not among the members hear
  /// [MembershipListener#rankJoined], as members do. A newcomer in the result may have died since.
  ///
  /// @param members distinct world ranks, this one among them
  /// @param newcomers how many to admit, 1 to [#MAX_NEWCOMERS]
  /// @return the newcomers, by rank
  /// @throws RendezvousException as [#agree]; a TIMEOUT that names no ranks says that there were
  ///   not enough newcomers
  public List<Newcomer> admit(long tag, int[] members, int newcomers, Duration timeout) {
    if (newcomers < 1 || newcomers > MAX_NEWCOMERS) {
      throw new IllegalArgumentException(
          "newcomers must be 1 to " + MAX_NEWCOMERS + ", is " + newcomers);
    }
    Proposal proposal = call(new AgreementKey(key(tag, members), newcomers), new byte[0], timeout);
    List<Newcomer> result = new ArrayList<>();
    for (Map.Entry<Integer, byte[]> part : proposal.parts().entrySet()) {
      try {
        byte[] card = Proposal.newcomer(part.getKey(), part.getValue()).card();
        result.add(new Newcomer(part.getKey(), card));
      } catch (WireFault e) {
        throw new IllegalStateException("a proposal was not checked when it came", e);
      }
    }
    return List.copyOf(result);
  }

  private Proposal call(AgreementKey key, byte[] mine, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Joining.checkLength("contribution", mine);
    return view.agreements().call(key, mine, timeout, deadline);
  }

  private GatherKey key(long tag, int[] members) {
    return new GatherKey(tag, checkMembers(members));
  }

  private List<Integer> checkMembers(int[] members) {
    List<Integer> list = checkRanks(members);
    if (!list.contains(rank())) {
      throw unfit(list);
    }
    return list;
  }

  private List<Integer> checkRanks(int[] members) {
    List<Integer> list = IntStream.of(members).boxed().toList();
    int size = worldSize();
    if (new HashSet<>(list).size() != members.length
        || IntStream.of(members).anyMatch(m -> m < 0 || m >= size)) {
      throw unfit(list);
    }
    return list;
  }

  private IllegalArgumentException unfit(List<Integer> members) {
    return new IllegalArgumentException(
        "members must be distinct ranks in 0.."
            + (worldSize() - 1)
            + " with rank "
            + rank()
            + " among them: "
            + members);
  }

  static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  /// Leaves the world in order: the others hear [MembershipListener#rankLeft]. Idempotent; no event
  /// is delivered here afterwards.
  ///
  /// Waits for the server's answer (at most 2 s). If this rank serves the rendezvous itself, stays
  /// until the others have left or died (at most 5 s); then one of the rest takes over.
  public void leave() {
    lock.lock();
    try {
      if (left) {
        return;
      }
      left = true;
    } finally {
      lock.unlock();
    }
    view.awaitServer(System.nanoTime() + GOODBYE_TIMEOUT.toNanos());
    link.leaving();
    view.fail(new RendezvousException(Kind.CONNECTION, "rank " + rank() + " has left the world"));
    if (view.send(Frame.empty(FrameType.LEAVE))) {
      // Closing before the answer could destroy the goodbye on its way: TCP resets a connection
      // that is closed with unread bytes.
      link.awaitEnd(GOODBYE_TIMEOUT);
    }
    link.close();
    events.stop();
    place.close();
  }

  /// The same as [#leave()].
  @Override
  public void close() {
    leave();
  }
}
