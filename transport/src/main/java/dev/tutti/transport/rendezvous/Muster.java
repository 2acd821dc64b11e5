package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The roll call of a new server: who of the world has come over from the lost one.
///
/// It ends when all that may be alive are there, or its time is over; who is missing then counts as
/// dead. All methods are atomic.
final class Muster {
  private final WorldSnapshot snapshot;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private final Map<Integer, Seat> seats = new TreeMap<>();
  private final Map<Integer, Resume> resumes = new HashMap<>();
  private final Set<Integer> expected;
  private final Map<Integer, String> excused = new HashMap<>();
  private @Nullable String ended; // why this muster is not to conclude
  private @Nullable String evicted; // why the others have gone on without this rank

  /// The outcome: what the table of the new server starts from.
  ///
  /// @param evicted those who came although others count them as dead
  record Result(
      long world,
      int term,
      int worldSize,
      NavigableMap<Integer, MemberCard> cards,
      NavigableMap<Integer, Departure> gone,
      @Nullable Abort abort,
      Map<Integer, Seat> seats,
      List<Resume> resumes,
      Map<Seat, String> evicted) {}

  Muster(WorldSnapshot snapshot) {
    this.snapshot = snapshot;
    this.expected = new HashSet<>(snapshot.candidates());
  }

  int term() {
    return snapshot.term() + 1;
  }

  /// Takes a rank in; one that comes again takes the place of its first connection.
  ///
  /// @return the seat that is given up
  @Nullable Seat add(Seat seat, Resume resume) {
    lock.lock();
    try {
      resumes.put(seat.rank(), resume);
      Seat earlier = seats.put(seat.rank(), seat);
      changed.signalAll();
      return earlier;
    } finally {
      lock.unlock();
    }
  }

  void remove(Seat seat) {
    lock.lock();
    try {
      if (seats.remove(seat.rank(), seat)) {
        resumes.remove(seat.rank());
      }
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a rank's process is gone for certain.
  void excuse(int rank, String cause) {
    lock.lock();
    try {
      excused.put(rank, cause);
      expected.remove(rank);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the muster without a result: another rank is to serve, all look for it again.
  void end(String cause) {
    lock.lock();
    try {
      if (ended == null) {
        ended = cause;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the muster because the others have gone on without this rank.
  void evict(String cause) {
    lock.lock();
    try {
      evicted = evicted == null ? cause : evicted;
      end(cause);
    } finally {
      lock.unlock();
    }
  }

  /// Lets those go that have come to a muster that ended.
  void dismiss(int hostRank) {
    lock.lock();
    try {
      seats.forEach((rank, seat) -> {
        if (rank == hostRank && evicted != null) {
          seat.evict(term(), evicted);
        } else {
          seat.peer().finish();
        }
      });
      seats.clear();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until everyone is there, the deadline has passed, or the muster was ended.
  ///
  /// @return the ranks that are missing
  List<Integer> await(long deadlineNanos) throws InterruptedException {
    lock.lock();
    try {
      while (ended == null && !missing().isEmpty()) {
        if (changed.awaitNanos(deadlineNanos - System.nanoTime()) <= 0) {
          break;
        }
      }
      return missing();
    } finally {
      lock.unlock();
    }
  }

  private List<Integer> missing() {
    return expected.stream().filter(rank -> !seats.containsKey(rank)).sorted().toList();
  }

  /// Returns why the muster was ended, or null.
  @Nullable String ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /// Merges what all have brought.
  Result conclude() {
    lock.lock();
    try {
      NavigableMap<Integer, MemberCard> cards = new TreeMap<>(snapshot.cards());
      NavigableMap<Integer, Departure> gone = new TreeMap<>(snapshot.gone());
      Abort abort = snapshot.abort();
      List<Resume> all = new ArrayList<>();
      for (int rank : seats.keySet()) {
        Resume resume = resumes.get(rank);
        if (resume == null) {
          continue;
        }
        all.add(resume);
        resume.cards().forEach(card -> cards.putIfAbsent(card.rank(), card));
        resume.departures().forEach(d -> gone.putIfAbsent(d.rank(), d));
        resume.proposals().forEach(proposal -> addNewcomers(proposal, cards));
        abort = abort == null ? resume.abort() : abort;
      }
      Departure lost = snapshot.lost();
      if (lost != null) {
        gone.putIfAbsent(lost.rank(), lost);
      }
      Map<Integer, Seat> present = new TreeMap<>();
      Map<Seat, String> evicted = new HashMap<>();
      seats.forEach((rank, seat) -> {
        Departure departure = gone.get(rank);
        if (departure == null) {
          present.put(rank, seat);
        } else {
          evicted.put(seat, departure.cause());
        }
      });
      for (int rank : cards.keySet()) {
        if (!present.containsKey(rank)) {
          gone.putIfAbsent(rank, Departure.failed(rank, Kind.CONNECTION, causeOf(rank)));
        }
      }
      int worldSize = Math.max(snapshot.worldSize(), cards.lastKey() + 1);
      return new Result(
          snapshot.world(), term(), worldSize, cards, gone, abort, present, all, evicted);
    } finally {
      lock.unlock();
    }
  }

  private static void addNewcomers(Proposal proposal, Map<Integer, MemberCard> cards) {
    if (!proposal.key().admits()) {
      return;
    }
    proposal
        .parts()
        .forEach((rank, part) -> {
          try {
            cards.putIfAbsent(rank, Proposal.newcomer(rank, part));
          } catch (WireFault e) {
            throw new IllegalStateException("a proposal was not checked when it came", e);
          }
        });
  }

  private String causeOf(int rank) {
    String cause = excused.get(rank);
    return cause == null ? "did not follow to the new rendezvous" : cause;
  }
}
