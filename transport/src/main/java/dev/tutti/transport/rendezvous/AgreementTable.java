package dev.tutti.transport.rendezvous;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The agreements of a world, decided by the server in two steps.
///
/// When every member has contributed or is gone, the result is *proposed*: the members keep it and
/// say so. When all that live keep it, it is *committed*: only now their callers return. So if the
/// server dies at any moment, either a survivor keeps the result, and the next server proposes it
/// again, or nobody has returned with it.
///
/// Not thread-safe: used under the lock of the [MemberTable].
final class AgreementTable {
  /// What an agreement needs to know about the world, and may change in it.
  interface World {
    @Nullable Seat seatOf(int rank);

    boolean isGone(int rank);

    int worldSize();

    /// Takes in the newcomers whose admission is committed.
    void grow(List<Applicant> newcomers, Proposal proposal);
  }

  /// A process that wants to join the running world.
  ///
  /// @param seat its connection
  /// @param request what it tells about itself
  record Applicant(Seat seat, JoinRequest request) {}

  /// A result that is not kept by all members yet.
  private record Pending(Proposal proposal, List<Applicant> newcomers, Set<Integer> awaited) {}

  private static final int MAX_WAITING = 4096;

  private final World world;
  private final Map<AgreementKey, NavigableMap<Integer, byte[]>> open = new HashMap<>();
  private final Map<AgreementKey, Pending> proposed = new HashMap<>();
  private final Deque<Applicant> waiting = new ArrayDeque<>();

  AgreementTable(World world) {
    this.world = world;
  }

  /// Takes a member's contribution.
  ///
  /// @throws WireFault if it is no member or contributes twice
  void contribute(int rank, Resume.Contribution contribution) throws WireFault {
    AgreementKey key = contribution.key();
    if (!key.group().members().contains(rank)) {
      throw new WireFault("rank " + rank + " contributes to " + key + " of others");
    }
    if (proposed.containsKey(key)) {
      return; // decided under the last server; the member will hear of it
    }
    NavigableMap<Integer, byte[]> parts = open.computeIfAbsent(key, _ -> new TreeMap<>());
    if (parts.putIfAbsent(rank, contribution.bytes()) != null) {
      throw new WireFault("rank " + rank + " contributes twice to " + key);
    }
    decide(key);
  }

  /// Takes a contribution back if nothing is decided yet.
  void withdraw(int rank, AgreementKey key) {
    NavigableMap<Integer, byte[]> parts = open.get(key);
    Seat seat = world.seatOf(rank);
    if (parts == null || seat == null || parts.remove(rank) == null) {
      return; // decided: the result is on its way
    }
    List<Integer> missing =
        key.group().members().stream()
            .filter(m -> m != rank && !parts.containsKey(m) && !world.isGone(m))
            .sorted()
            .toList();
    if (parts.isEmpty()) {
      open.remove(key);
    }
    Frame.Writer answer = key.write().putInt(missing.size());
    missing.forEach(answer::putInt);
    seat.send(answer.toFrame(FrameType.WITHDRAWN));
  }

  /// Puts a process into the queue of those who want to join.
  void enqueue(Applicant newcomer) {
    if (waiting.size() >= MAX_WAITING) {
      throw new RendezvousException(
          RendezvousException.Kind.REFUSED, MAX_WAITING + " newcomers are waiting already");
    }
    waiting.add(newcomer);
    decideAll();
  }

  /// Notes that a newcomer has gone away; false if it was not in the queue.
  boolean dequeue(Seat seat) {
    return waiting.removeIf(newcomer -> newcomer.seat == seat);
  }

  /// Returns and forgets all that wait, for a server that closes.
  List<Applicant> dismiss() {
    List<Applicant> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  /// Notes that a rank is gone: nobody waits for it any longer.
  void departed(int rank) {
    open.values().forEach(parts -> parts.remove(rank));
    open.values().removeIf(Map::isEmpty);
    for (AgreementKey key : List.copyOf(proposed.keySet())) {
      accepted(rank, key);
    }
    decideAll();
  }

  /// Notes that a member keeps a proposal.
  void accepted(int rank, AgreementKey key) {
    Pending pending = proposed.get(key);
    if (pending != null && pending.awaited.remove(rank)) {
      commitIfKept(key, pending);
    }
  }

  /// Takes over what survivors of the last server keep.
  void adopt(Proposal proposal) {
    if (!proposed.containsKey(proposal.key())) {
      propose(proposal, List.of());
    }
  }

  private void decideAll() {
    for (AgreementKey key : List.copyOf(open.keySet())) {
      decide(key);
    }
  }

  private void decide(AgreementKey key) {
    NavigableMap<Integer, byte[]> parts = open.get(key);
    if (parts == null
        || !key.group().members().stream().allMatch(m -> parts.containsKey(m) || world.isGone(m))) {
      return;
    }
    if (!key.admits()) {
      open.remove(key);
      propose(new Proposal(key, parts), List.of());
    } else if (waiting.size() >= key.newcomers() && !admitting()) {
      open.remove(key);
      proposeAdmission(key);
    }
  }

  // One admission after the other: ranks are given without gaps.
  private boolean admitting() {
    return proposed.keySet().stream().anyMatch(AgreementKey::admits);
  }

  private void proposeAdmission(AgreementKey key) {
    List<Applicant> chosen = new ArrayList<>();
    NavigableMap<Integer, byte[]> parts = new TreeMap<>();
    for (int i = 0; i < key.newcomers(); i++) {
      Applicant newcomer = waiting.remove();
      int rank = world.worldSize() + i;
      chosen.add(newcomer);
      parts.put(rank, newcomer.request.as(rank).toPart());
    }
    propose(new Proposal(key, parts), chosen);
  }

  private void propose(Proposal proposal, List<Applicant> newcomers) {
    List<Frame> frames = proposal.toFrames();
    Set<Integer> awaited = new HashSet<>();
    for (int member : proposal.key().group().members()) {
      Seat seat = world.seatOf(member);
      if (seat != null) {
        awaited.add(member);
        frames.forEach(seat::send);
      }
    }
    Pending pending = new Pending(proposal, newcomers, awaited);
    proposed.put(proposal.key(), pending);
    commitIfKept(proposal.key(), pending);
  }

  private void commitIfKept(AgreementKey key, Pending pending) {
    if (!pending.awaited.isEmpty()) {
      return;
    }
    proposed.remove(key);
    if (key.admits()) {
      world.grow(pending.newcomers, pending.proposal);
    }
    Frame commit = key.write().toFrame(FrameType.COMMIT);
    for (int member : key.group().members()) {
      Seat seat = world.seatOf(member);
      if (seat != null) {
        seat.send(commit);
      }
    }
    if (key.admits()) {
      decideAll(); // the next admission may go on
    }
  }
}
