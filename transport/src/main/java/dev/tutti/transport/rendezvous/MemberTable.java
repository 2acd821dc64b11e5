package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Who is in the world, who is gone, and what they are gathering: the state of a server.
///
/// All methods are atomic. Frames are queued on the connections while the lock is held, so that
/// every rank sees the same events in the same order, and a gather's last part before the news that
/// one of its members left.
final class MemberTable {
  // A rank that has that much unread gets no more reports.
  private static final long TELL_ROOM_BYTES = 4L << 20;

  private final long world;
  private final int term;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private final Map<Integer, Seat> present = new TreeMap<>();
  private final NavigableMap<Integer, MemberCard> cards = new TreeMap<>();
  private final NavigableMap<Integer, Departure> gone = new TreeMap<>();
  private final Map<GatherKey, Map<Integer, Frame>> gathers = new HashMap<>();
  private final AgreementTable agreements = new AgreementTable(new AgreementWorld());
  private volatile int worldSize; // written under lock
  private boolean formed; // all ranks were there at the same time
  private boolean closing;
  private @Nullable Abort abort;

  /// What the table of a server's first term starts from: nobody.
  MemberTable(long world, int worldSize) {
    this(world, 0, worldSize);
  }

  private MemberTable(long world, int term, int worldSize) {
    this.world = world;
    this.term = term;
    this.worldSize = worldSize;
  }

  /// Goes on where another server's table was lost.
  static MemberTable resume(Muster.Result result) {
    MemberTable table = new MemberTable(result.world(), result.term(), result.worldSize());
    table.formed = true;
    table.cards.putAll(result.cards());
    table.gone.putAll(result.gone());
    table.abort = result.abort();
    table.present.putAll(result.seats());
    return table;
  }

  int term() {
    return term;
  }

  int worldSize() {
    return worldSize;
  }

  /// Admits a rank of the first formation: it hears all that happened so far, and the others hear
  /// of it.
  ///
  /// @throws RendezvousException of kind REFUSED if it has no place here
  void join(JoinRequest request, Seat seat) {
    lock.lock();
    try {
      int rank = request.rank();
      check(rank, request.worldSize());
      MemberCard card = request.as(rank);
      seat.send(new Welcome(world, term, rank, worldSize).toFrame());
      present.put(rank, seat);
      cards.put(rank, card);
      broadcast(card.toFrame(), rank);
      tellAll(seat);
      formed = formed || (cards.size() == worldSize && gone.isEmpty());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void check(int rank, int claimedWorldSize) {
    if (claimedWorldSize != worldSize) {
      throw refused(
          "rank "
              + rank
              + " expects a world of "
              + claimedWorldSize
              + " ranks, the rendezvous serves a world of "
              + worldSize);
    }
    if (rank < 0 || rank >= worldSize) {
      throw refused("rank " + rank + " is not in 0.." + (worldSize - 1));
    }
    Seat other = present.get(rank);
    if (other != null) {
      throw refused("rank " + rank + " has joined already, from " + other.peer().remote());
    }
    if (gone.containsKey(rank)) {
      throw refused("rank " + rank + " was in this world before and is gone");
    }
    if (closing) {
      throw refused("the rendezvous is closing");
    }
  }

  private static RendezvousException refused(String message) {
    return new RendezvousException(Kind.REFUSED, message);
  }

  private void tellAll(Seat seat) {
    cards.values().forEach(card -> seat.send(card.toFrame()));
    gone.values().forEach(departure -> seat.send(departure.toFrame()));
    if (abort != null) {
      seat.send(abort.toFrame());
    }
  }

  /// Lets a process wait until the members admit it.
  ///
  /// @throws RendezvousException of kind REFUSED if there is no room to wait
  void enqueue(JoinRequest request, Seat seat) {
    lock.lock();
    try {
      if (closing) {
        throw refused("the rendezvous is closing");
      }
      agreements.enqueue(new AgreementTable.Applicant(seat, request));
    } finally {
      lock.unlock();
    }
  }

  /// Welcomes the ranks that have come over from the lost server, and takes up what they bring.
  void open(List<Resume> resumes) {
    lock.lock();
    try {
      present.forEach((rank, seat) -> {
        tellAll(seat); // first: who hears of the new server knows who is gone
        seat.send(new Welcome(world, term, rank, worldSize).toFrame());
      });
      resumes.forEach(resume -> resume.proposals().forEach(agreements::adopt));
      for (Resume resume : resumes) {
        int rank = resume.header().rank();
        for (Resume.Contribution contribution : resume.contributions()) {
          if (present.containsKey(rank)) {
            contribute(rank, contribution);
          }
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void contribute(int rank, Resume.Contribution contribution) {
    try {
      agreements.contribute(rank, contribution);
    } catch (WireFault e) {
      fail(rank, Kind.PROTOCOL, "broke the control protocol: " + e.getMessage());
    }
  }

  /// Tells whether the seat is that of a rank that counts as present.
  boolean isSeated(Seat seat) {
    lock.lock();
    try {
      return present.get(seat.rank()) == seat;
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a seat's connection ended without a goodbye.
  void lost(Seat seat, Kind kind, String cause) {
    lock.lock();
    try {
      seat.lose(cause); // for a newcomer whose admission is decided and not committed yet
      if (!agreements.dequeue(seat) && present.get(seat.rank()) == seat) {
        fail(seat.rank(), kind, cause);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Declares a rank dead that was asked for by another way than its connection.
  ///
  /// @return why it counts as dead
  String fail(int rank, Kind kind, String cause) {
    lock.lock();
    try {
      depart(Departure.failed(rank, kind, cause));
      Departure departure = gone.get(rank);
      return departure == null ? cause : departure.cause();
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a rank which never joined will not come. Nothing happens if it has joined.
  void failedBeforeJoining(int rank, String cause) {
    lock.lock();
    try {
      if (!present.containsKey(rank)) {
        fail(rank, Kind.CONNECTION, cause);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a rank left in order, and says goodbye to it.
  void left(int rank) {
    lock.lock();
    try {
      Seat leaver = present.get(rank);
      depart(Departure.left(rank));
      if (leaver != null) {
        leaver.send(Frame.empty(FrameType.GOODBYE));
        leaver.peer().finish();
      }
    } finally {
      lock.unlock();
    }
  }

  private void depart(Departure departure) {
    int rank = departure.rank();
    present.remove(rank);
    if (!formed) {
      cards.remove(rank); // a rank that joins later must not take the world for complete
    }
    if (gone.putIfAbsent(rank, departure) == null && !closing) {
      broadcast(departure.toFrame(), rank);
    }
    gathers.keySet().removeIf(key -> key.members().contains(rank));
    agreements.departed(rank);
    changed.signalAll();
  }

  /// Tells all others that a rank aborts the job.
  void abort(Abort news) {
    lock.lock();
    try {
      abort = abort == null ? news : abort;
      broadcast(news.toFrame(), news.byRank());
    } finally {
      lock.unlock();
    }
  }

  /// Brings a report to those of its receivers that are there and keep up with reading.
  void tell(int from, GatherKey to, byte[] payload) {
    Frame told =
        new Frame.Writer().putInt(from).putLong(to.tag()).putBytes(payload).toFrame(FrameType.TOLD);
    lock.lock();
    try {
      for (int member : to.members()) {
        Seat seat = present.get(member);
        if (seat != null) {
          seat.peer().offer(told, TELL_ROOM_BYTES);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Takes a contribution and exchanges it with those that are there already.
  ///
  /// @throws WireFault if the rank is no member or contributes twice
  void gather(int rank, GatherKey key, byte[] contribution) throws WireFault {
    lock.lock();
    try {
      if (!key.members().contains(rank)) {
        throw new WireFault("rank " + rank + " contributes to a gather of " + key.members());
      }
      if (key.members().stream().anyMatch(gone::containsKey)) {
        return; // it will never complete; the contributor hears of the departure by its own frame
      }
      Map<Integer, Frame> parts = gathers.computeIfAbsent(key, _ -> new TreeMap<>());
      Frame part = key.write().putInt(rank).putBytes(contribution).toFrame(FrameType.GATHER_PART);
      if (parts.putIfAbsent(rank, part) != null) {
        throw new WireFault("rank " + rank + " contributes twice to gather " + key.tag());
      }
      Seat newcomer = present.get(rank);
      for (Map.Entry<Integer, Frame> entry : parts.entrySet()) {
        send(newcomer, entry.getValue());
        if (entry.getKey() != rank) {
          send(present.get(entry.getKey()), part);
        }
      }
      if (parts.size() == key.members().size()) {
        gathers.remove(key);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Takes a contribution to an agreement.
  void agree(int rank, Resume.Contribution contribution) throws WireFault {
    lock.lock();
    try {
      agreements.contribute(rank, contribution);
    } finally {
      lock.unlock();
    }
  }

  /// Takes a contribution back.
  void withdraw(int rank, AgreementKey key) {
    lock.lock();
    try {
      agreements.withdraw(rank, key);
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a rank keeps a proposal.
  void accepted(int rank, AgreementKey key) {
    lock.lock();
    try {
      agreements.accepted(rank, key);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until no rank is connected; false if that did not happen in time.
  boolean awaitEmpty(Duration timeout) throws InterruptedException {
    long remaining = timeout.toNanos();
    lock.lock();
    try {
      while (!present.isEmpty()) {
        if (remaining <= 0) {
          return false;
        }
        remaining = changed.awaitNanos(remaining);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Says a last word to everyone; departures are not reported from now on.
  ///
  /// @return those who are still connected
  List<Seat> dismissAll(Frame lastWord) {
    lock.lock();
    try {
      closing = true;
      List<Seat> rest = new ArrayList<>(present.values());
      agreements.dismiss().forEach(newcomer -> rest.add(newcomer.seat()));
      for (Seat seat : rest) {
        seat.send(lastWord);
        seat.peer().finish();
      }
      return rest;
    } finally {
      lock.unlock();
    }
  }

  /// Ends without a goodbye: the rank of this process hears that it is out, the others lose their
  /// server.
  void resign(int hostRank, String cause) {
    lock.lock();
    try {
      closing = true;
      present.forEach((rank, seat) -> {
        if (rank == hostRank) {
          seat.evict(term, cause);
        } else {
          seat.peer().close();
        }
      });
      agreements.dismiss().forEach(newcomer -> newcomer.seat().peer().close());
    } finally {
      lock.unlock();
    }
  }

  /// Returns the cards of the ranks that are present, except one.
  List<MemberCard> presentExcept(int one) {
    lock.lock();
    try {
      return cards.values().stream()
          .filter(c -> c.rank() != one && present.containsKey(c.rank()))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /// Tells a rank who it is to the ranks that it asks.
  Resume.Header header(Seat seat, int rank) {
    return new Resume.Header(world, term, rank, worldSize, seat.timing());
  }

  int joined() {
    lock.lock();
    try {
      return present.size();
    } finally {
      lock.unlock();
    }
  }

  /// Returns what a rank told when it joined.
  @Nullable MemberCard card(int rank) {
    lock.lock();
    try {
      return cards.get(rank);
    } finally {
      lock.unlock();
    }
  }

  private void broadcast(Frame frame, int exceptRank) {
    for (Map.Entry<Integer, Seat> entry : present.entrySet()) {
      if (entry.getKey() != exceptRank) {
        entry.getValue().send(frame);
      }
    }
  }

  private static void send(@Nullable Seat seat, Frame frame) {
    if (seat != null) {
      seat.send(frame);
    }
  }

  /// The world as agreements see it; called under the lock.
  private final class AgreementWorld implements AgreementTable.World {
    @Override
    public @Nullable Seat seatOf(int rank) {
      return present.get(rank);
    }

    @Override
    public boolean isGone(int rank) {
      return gone.containsKey(rank);
    }

    @Override
    public int worldSize() {
      return worldSize;
    }

    @Override
    public void grow(List<AgreementTable.Applicant> newcomers, Proposal proposal) {
      int first = proposal.parts().firstKey();
      worldSize = Math.max(worldSize, first + proposal.parts().size());
      for (int i = 0; i < newcomers.size(); i++) {
        AgreementTable.Applicant newcomer = newcomers.get(i);
        MemberCard card = newcomer.request().as(first + i);
        cards.put(card.rank(), card);
        broadcast(card.toFrame(), card.rank());
      }
      for (int i = 0; i < newcomers.size(); i++) {
        Seat seat = newcomers.get(i).seat();
        seat.give(first + i);
        seat.send(new Welcome(world, term, first + i, worldSize).toFrame());
        tellAll(seat);
        present.put(first + i, seat);
      }
      for (AgreementTable.Applicant newcomer : newcomers) {
        String cause = newcomer.seat().lostCause();
        if (cause != null) {
          fail(newcomer.seat().rank(), Kind.CONNECTION, cause);
        }
      }
    }
  }
}
