package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.Operand.input;
import static dev.tutti.collectives.schedule.Operand.output;
import static dev.tutti.collectives.schedule.Operand.scratch;

import java.util.ArrayList;
import java.util.List;

/// Small valid schedule sets, written for the tests of this package alone.
final class SmallSchedules {
  private SmallSchedules() {}

  /// A valid set.
  ///
  /// @param slots the number of slots for which it is valid
  record Sample(String name, ScheduleSet set, int slots) {}

  static List<Sample> all() {
    List<Sample> samples = new ArrayList<>();
    for (int n = 3; n <= 4; n++) {
      samples.add(new Sample("one-lane ring", oneLaneRing(n), 2));
      samples.add(new Sample("ring", ringAllReduce(n, Partition.even(n)), 0));
      samples.add(new Sample("ring all-gather", ringAllGather(n), 0));
      samples.add(new Sample("flat", flatAllReduce(n), 0));
      samples.add(new Sample("direct reduce-scatter", directReduceScatter(n), 0));
      samples.add(new Sample("dissemination", dissemination(n), 1));
    }
    samples.add(new Sample("uneven ring", ringAllReduce(3, Partition.weighted(1, 3, 0)), 0));
    samples.add(new Sample("binomial", binomialBroadcast(5, 1), 0));
    samples.add(new Sample("two-lane tree", twoLaneTree(), 0));
    samples.add(new Sample("causal", causal(), 0));
    samples.add(new Sample("turns", turns(), 1));
    samples.add(new Sample("staged", staged(), 0));
    return samples;
  }

  /// Every rank first sends; one lane.
  static ScheduleSet oneLaneRing(int n) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_REDUCE, n, r);
          int next = (r + 1) % n;
          int prev = (r + n - 1) % n;
          b.send(0, input(r), next);
          for (int t = 1; t < n - 1; t++) {
            b.recvReduceSend(0, input(Math.floorMod(r - t, n)), prev, next);
          }
          b.recvReduceForward(0, input(next), output(next), prev, next);
          for (int t = 0; t < n - 2; t++) {
            b.recvForward(0, output(Math.floorMod(r - t, n)), prev, next);
          }
          b.recv(0, output((r + 2) % n), prev);
          return b.build();
        });
  }

  /// Lane c carries chunk c; chunk c starts at rank c.
  static ScheduleSet ringAllReduce(int n, Partition partition) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b = new ScheduleBuilder(Collective.ALL_REDUCE, n, r, 0, partition);
          int next = (r + 1) % n;
          int prev = (r + n - 1) % n;
          for (int c = 0; c < n; c++) {
            int hop = Math.floorMod(r - c, n);
            if (hop == 0) {
              b.send(c, input(c), next);
            } else if (hop < n - 1) {
              b.recvReduceSend(c, input(c), prev, next);
            } else {
              b.recvReduce(c, input(c), output(c), prev);
              b.send(c, output(c), next);
            }
            if (hop < n - 2) {
              b.recvForward(c, output(c), prev, next);
            } else if (hop == n - 2) {
              b.recv(c, output(c), prev);
            }
          }
          return b.build();
        });
  }

  static ScheduleSet ringAllGather(int n) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_GATHER, n, r);
          for (int c = 0; c < n; c++) {
            int hop = Math.floorMod(r - c, n);
            if (hop == 0) {
              b.copy(c, input(c), output(c));
              b.send(c, input(c), (r + 1) % n);
            } else if (hop < n - 1) {
              b.recvForward(c, output(c), (r + n - 1) % n, (r + 1) % n);
            } else {
              b.recv(c, output(c), (r + n - 1) % n);
            }
          }
          return b.build();
        });
  }

  /// Everyone sends its vector to everyone; lane s carries what rank s sends, lane n adds up in
  /// rank order.
  static ScheduleSet flatAllReduce(int n) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_REDUCE, n, r, Partition.even(1));
          List<Dependency> arrived = new ArrayList<>();
          for (int s = 0; s < n; s++) {
            if (s != r) {
              arrived.add(b.recv(s, scratch(s), s));
              continue;
            }
            for (int p = 0; p < n; p++) {
              if (p != r) {
                b.send(r, input(0), p);
              }
            }
            arrived.add(b.copy(r, input(0), scratch(r)));
          }
          for (int s = 1; s < n; s++) {
            Dependency[] after =
                s == 1
                    ? new Dependency[] {arrived.get(0), arrived.get(1)}
                    : new Dependency[] {arrived.get(s)};
            b.reduce(n, scratch(s), scratch(0), after);
          }
          b.copy(n, scratch(0), output(0));
          return b.build();
        });
  }

  static ScheduleSet directReduceScatter(int n) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b = builder(Collective.REDUCE_SCATTER, n, r);
          Dependency copied = b.copy(n, input(r), output(r));
          for (int d = 1; d < n; d++) {
            int owner = (r + d) % n;
            b.send(r, input(owner), owner);
          }
          for (int d = 1; d < n; d++) {
            int peer = (r + d) % n;
            Dependency arrived = b.recv(peer, scratch(peer * n + r), peer);
            b.reduce(n, scratch(peer * n + r), output(r), arrived, copied);
          }
          return b.build();
        });
  }

  static ScheduleSet dissemination(int n) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b = builder(Collective.BARRIER, n, r, Partition.even(1));
          for (int d = 1; d < n; d *= 2) {
            b.send(0, input(0), (r + d) % n);
            b.recv(0, scratch(0), Math.floorMod(r - d, n));
          }
          return b.build();
        });
  }

  static ScheduleSet binomialBroadcast(int n, int root) {
    return ScheduleSet.of(
        n,
        r -> {
          ScheduleBuilder b =
              new ScheduleBuilder(Collective.BROADCAST, n, r, root, Partition.even(2));
          int id = Math.floorMod(r - root, n);
          for (int c = 0; c < 2; c++) {
            if (id == 0) {
              b.copy(0, input(c), output(c));
            } else {
              b.recv(0, output(c), (id - Integer.highestOneBit(id) + root) % n);
            }
            for (int bit = 1; id + bit < n; bit *= 2) {
              if (bit > id) {
                b.send(0, output(c), (id + bit + root) % n);
              }
            }
          }
          return b.build();
        });
  }

  /// Four ranks, two chunks: lane 0 reduces up a tree to rank 0, lane 1 broadcasts down.
  static ScheduleSet twoLaneTree() {
    return ScheduleSet.of(
        4,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_REDUCE, 4, r, Partition.even(2));
          for (int c = 0; c < 2; c++) {
            if (r == 0) {
              b.recvReduce(0, input(c), scratch(c), 1);
              Dependency done = b.recvReduce(0, scratch(c), output(c), 2);
              b.send(1, output(c), 1, done);
              b.send(1, output(c), 2);
            } else if (r == 2) {
              b.recvReduceSend(0, input(c), 3, 0);
              b.recvForward(1, output(c), 0, 3);
            } else {
              Dependency sent = b.send(0, input(c), r - 1);
              b.recv(1, output(c), r - 1, sent);
            }
          }
          return b.build();
        });
  }

  /// Rank 0 reuses scratch memory in lane 1 although only messages tell that lane 0 has read it.
  static ScheduleSet causal() {
    return ScheduleSet.of(
        2,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_REDUCE, 2, r, Partition.even(1));
          if (r == 0) {
            b.copy(0, input(0), scratch(0));
            b.send(0, scratch(0), 1);
            b.recv(1, scratch(0), 1);
            b.copy(1, scratch(0), output(0));
          } else {
            Dependency sum = b.recvReduce(0, input(0), scratch(0), 0);
            b.send(1, scratch(0), 0, sum);
            b.copy(0, scratch(0), output(0));
          }
          return b.build();
        });
  }

  private static ScheduleBuilder builder(Collective collective, int n, int rank) {
    return builder(collective, n, rank, Partition.even(n));
  }

  private static ScheduleBuilder builder(
      Collective collective, int n, int rank, Partition partition) {
    return new ScheduleBuilder(collective, n, rank, 0, partition);
  }

  /// Two ranks send and receive by turns, in one lane: the order of steps decides how many slots
  /// are enough.
  static ScheduleSet turns() {
    return ScheduleSet.of(
        2,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_REDUCE, 2, r, Partition.even(3));
          for (int c = 0; c < 3; c++) {
            b.send(0, input(c), 1 - r);
            b.recvReduce(0, input(c), output(c), 1 - r);
          }
          return b.build();
        });
  }

  /// Two ranks exchange copies made in scratch memory, each begins in a lane of its own and one
  /// waits until it has sent.
  static ScheduleSet staged() {
    return ScheduleSet.of(
        2,
        r -> {
          ScheduleBuilder b = builder(Collective.ALL_REDUCE, 2, r, Partition.even(3));
          for (int c = 0; c < 3; c++) {
            b.copy(r, input(c), scratch(c));
            Dependency sent = b.send(r, scratch(c), 1 - r);
            Dependency[] after = r == 0 ? new Dependency[] {sent} : new Dependency[0];
            b.recvReduce(1 - r, input(c), output(c), 1 - r, after);
          }
          return b.build();
        });
  }
}
