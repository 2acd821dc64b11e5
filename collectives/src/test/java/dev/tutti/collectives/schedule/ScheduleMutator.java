package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Makes small random changes to a schedule set.
final class ScheduleMutator {
  private final ScheduleSet set;
  private final SplittableRandom random;

  /// By rank and lane.
  private final List<List<List<Step>>> steps = new ArrayList<>();

  private final int[] scratchCopies;

  ScheduleMutator(ScheduleSet set, SplittableRandom random) {
    this.set = set;
    this.random = random;
    scratchCopies = set.schedules().stream().mapToInt(Schedule::scratchCopies).toArray();
    for (Schedule schedule : set.schedules()) {
      List<List<Step>> lanes = new ArrayList<>();
      for (Lane lane : schedule.lanes()) {
        lanes.add(new ArrayList<>(lane.steps()));
      }
      steps.add(lanes);
    }
  }

  /// Returns a copy of the set with one or two changes.
  ScheduleSet mutate() {
    for (int changes = random.nextInt(5) == 0 ? 2 : 1; changes > 0; changes--) {
      change();
    }
    return ScheduleSet.of(
        set.ranks(),
        r ->
            new Schedule(
                set.collective(),
                set.ranks(),
                r,
                set.root(),
                set.partition(),
                scratchCopies[r],
                steps.get(r).stream().map(Lane::new).toList()));
  }

  private void change() {
    int rank = random.nextInt(set.ranks());
    List<List<Step>> lanes = steps.get(rank);
    if (lanes.stream().allMatch(List::isEmpty)) {
      return;
    }
    int lane = random.nextInt(lanes.size());
    while (lanes.get(lane).isEmpty()) {
      lane = random.nextInt(lanes.size());
    }
    List<Step> list = lanes.get(lane);
    int at = random.nextInt(list.size());
    Step s = list.get(at);
    switch (random.nextInt(21)) {
      case 0 -> drop(lanes, lane, at);
      case 1 -> insert(lanes, lane, random.nextInt(list.size() + 1), s);
      case 2 -> swap(list, at, Math.min(at + 1, list.size() - 1));
      case 3 -> swap(list, at, random.nextInt(list.size()));
      case 4 -> list.set(at, withPeers(s, peer(s.receivePeer()), s.sendPeer()));
      case 5 -> list.set(at, withPeers(s, s.receivePeer(), peer(s.sendPeer())));
      case 6 -> list.set(at, with(s, s.kind(), otherBuffer(s.source()), s.target()));
      case 7 -> list.set(at, with(s, s.kind(), s.source(), otherBuffer(s.target())));
      case 8 -> list.set(at, with(s, s.kind(), otherIndex(rank, s.source()), s.target()));
      case 9 -> list.set(at, with(s, s.kind(), s.source(), otherIndex(rank, s.target())));
      case 10 -> list.set(at, otherKind(s));
      case 11, 12 -> list.set(at, withoutDependency(s));
      case 13 -> list.set(at, withDependency(s, lanes));
      case 14 -> {
        drop(lanes, lane, at);
        int other = random.nextInt(lanes.size());
        insert(lanes, other, random.nextInt(lanes.get(other).size() + 1), s);
      }
      case 15 -> dropMessage(rank, lane, at);
      case 16 -> mergeLanes();
      case 17 -> swapEverywhere(lane, at, random.nextInt(list.size()));
      case 18 -> rename(lanes, s.target(), otherIndex(rank, s.target()));
      case 19 -> list.replaceAll(this::withoutDependency);
      default -> scratchCopies[rank] = Math.max(0, scratchCopies[rank] + random.nextInt(5) - 2);
    }
  }

  /// Lets all steps of a rank use another operand instead of one, so that only its place is wrong.
  private static void rename(
      List<List<Step>> lanes, @Nullable Operand old, @Nullable Operand other) {
    for (List<Step> list : lanes) {
      list.replaceAll(s ->
          with(
              s,
              s.kind(),
              s.source() != null && s.source().equals(old) ? other : s.source(),
              s.target() != null && s.target().equals(old) ? other : s.target()));
    }
  }

  /// Drops a SEND together with its RECV, so that only the data is missing.
  private void dropMessage(int rank, int lane, int at) {
    Step send = steps.get(rank).get(lane).get(at);
    if (send.kind() != StepKind.SEND || send.sendPeer() >= set.ranks()) {
      return;
    }
    int ordinal = 0;
    for (Step s : steps.get(rank).get(lane).subList(0, at)) {
      ordinal += s.sendPeer() == send.sendPeer() ? 1 : 0;
    }
    List<List<Step>> peer = steps.get(send.sendPeer());
    for (int i = 0; lane < peer.size() && i < peer.get(lane).size(); i++) {
      Step s = peer.get(lane).get(i);
      if (s.receivePeer() == rank && ordinal-- == 0) {
        if (s.kind() == StepKind.RECV) {
          drop(peer, lane, i);
          drop(steps.get(rank), lane, at);
        }
        return;
      }
    }
  }

  /// Moves the steps of one lane into another on all ranks, in a random order of the two, and lets
  /// dependencies follow them.
  private void mergeLanes() {
    int count = steps.stream().mapToInt(List::size).min().orElse(0);
    if (count < 2) {
      return;
    }
    int into = random.nextInt(count);
    int from = random.nextInt(count);
    if (into == from) {
      return;
    }
    for (List<List<Step>> lanes : steps) {
      List<Step> a = lanes.get(into);
      List<Step> b = lanes.get(from);
      List<Step> merged = new ArrayList<>();
      Map<Dependency, Dependency> moved = new HashMap<>();
      int i = 0;
      int j = 0;
      while (i + j < a.size() + b.size()) {
        boolean first = j == b.size() || (i < a.size() && random.nextBoolean());
        Dependency old = first ? new Dependency(into, i) : new Dependency(from, j);
        moved.put(old, new Dependency(into, merged.size()));
        merged.add(first ? a.get(i++) : b.get(j++));
      }
      lanes.set(into, merged);
      lanes.set(from, new ArrayList<>());
      for (List<Step> list : lanes) {
        list.replaceAll(
            s -> with(s, s.after().stream().map(d -> moved.getOrDefault(d, d)).toList()));
      }
    }
  }

  private static Step with(Step s, List<Dependency> after) {
    return new Step(s.kind(), s.source(), s.target(), s.receivePeer(), s.sendPeer(), after);
  }

  private static void swap(List<Step> list, int a, int b) {
    Step s = list.get(a);
    list.set(a, list.get(b));
    list.set(b, s);
  }

  /// Swaps the same two steps on all ranks, so that messages still match.
  private void swapEverywhere(int lane, int a, int b) {
    for (List<List<Step>> lanes : steps) {
      if (lane < lanes.size() && Math.max(a, b) < lanes.get(lane).size()) {
        swap(lanes.get(lane), a, b);
      }
    }
  }

  private void drop(List<List<Step>> lanes, int lane, int at) {
    lanes.get(lane).remove(at);
    shift(lanes, lane, at, -1);
  }

  private void insert(List<List<Step>> lanes, int lane, int at, Step s) {
    shift(lanes, lane, at - 1, 1);
    lanes.get(lane).add(at, s);
  }

  /// Lets dependencies mostly follow the steps behind `after`, as an editor of schedules would.
  private void shift(List<List<Step>> lanes, int lane, int after, int by) {
    if (random.nextInt(4) == 0) {
      return;
    }
    for (List<Step> list : lanes) {
      list.replaceAll(s -> {
        List<Dependency> moved = new ArrayList<>();
        for (Dependency d : s.after()) {
          boolean moves = d.lane() == lane && d.step() > after;
          moved.add(moves ? new Dependency(lane, d.step() + by) : d);
        }
        return with(s, moved);
      });
    }
  }

  private int peer(int old) {
    return old < 0 ? old : random.nextInt(set.ranks() + 1);
  }

  private static Step withPeers(Step s, int from, int to) {
    return new Step(s.kind(), s.source(), s.target(), from, to, s.after());
  }

  private static Step with(
      Step s, StepKind kind, @Nullable Operand source, @Nullable Operand target) {
    return new Step(kind, source, target, s.receivePeer(), s.sendPeer(), s.after());
  }

  private @Nullable Operand otherBuffer(@Nullable Operand operand) {
    return operand == null
        ? null
        : new Operand(Buffer.values()[random.nextInt(3)], operand.index());
  }

  private @Nullable Operand otherIndex(int rank, @Nullable Operand operand) {
    if (operand == null) {
      return null;
    }
    int chunks = set.partition().chunks();
    boolean isScratch = operand.buffer() == Buffer.SCRATCH;
    int size = isScratch ? chunks * Math.max(1, scratchCopies[rank]) : chunks;
    return new Operand(operand.buffer(), random.nextInt(size + 1));
  }

  private Step otherKind(Step s) {
    StepKind kind = StepKind.values()[random.nextInt(StepKind.values().length)];
    Operand known = s.shape();
    Operand source = s.source() == null ? known : s.source();
    Operand target = s.target() == null ? Operand.output(known.index()) : s.target();
    int from = s.receivePeer() < 0 ? random.nextInt(set.ranks()) : s.receivePeer();
    int to = s.sendPeer() < 0 ? random.nextInt(set.ranks()) : s.sendPeer();
    return new Step(
        kind,
        kind.hasSource() ? source : null,
        kind.hasTarget() ? target : null,
        kind.receives() ? from : Step.NO_PEER,
        kind.sends() ? to : Step.NO_PEER,
        s.after());
  }

  private Step withoutDependency(Step s) {
    if (s.after().isEmpty()) {
      return s;
    }
    List<Dependency> rest = new ArrayList<>(s.after());
    rest.remove(random.nextInt(rest.size()));
    return with(s, rest);
  }

  private Step withDependency(Step s, List<List<Step>> lanes) {
    int lane = random.nextInt(lanes.size());
    List<Dependency> more = new ArrayList<>(s.after());
    more.add(new Dependency(lane, random.nextInt(lanes.get(lane).size() + 1)));
    return with(s, more);
  }
}
