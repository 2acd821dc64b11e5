package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.ArrayList;
import java.util.List;

/// All-reduce among ranks whose ports are unequally fast, in the least time that their bandwidth
/// allows: a mixture of rings, each over the h fastest ranks.
///
/// Source: our own; the closest relatives are the mixture of an all-reduce of all and one of the
/// healthy ranks of R²CCL (arXiv 2512.25059), and OptCC (arXiv 2606.01680) for one slow rank.
/// [NestedRings] says which part of the vector goes over which ring and proves that no all-reduce
/// is faster where the network between the ports is not the bottleneck.
///
/// Ring h has h chunks for each piece, one for each member, its owner. A rank that is no member, a
/// *leaf*, sends each chunk once, straight to the owner, who adds it; the members go on as in
/// [RingAllReduce]; in the end each owner sends its chunk to each leaf. So a leaf carries each byte
/// once in each direction, a member `(2 (h - 1) + (p - h)) / h` times.
///
/// Lanes of a ring: one in which leaves send to owners, one for the way back, and the members'
/// chunks, which take turns where there are not lanes enough. In the first two all ranks follow the
/// same rounds; in a round each leaf talks to one owner and each owner to one leaf, another one
/// each time, so no cycle of waits can arise and no port is flooded. Pieces let the leaves send
/// while the members reduce what came before. Example, 4 ranks, 3 the slow one, everything over
/// ring 3, seen by rank 0, owner of chunk 0:
///
/// ```
/// lane 0: out0 = in0 + recv <- 3                                     leaves to owners
/// lane 1: send out0 -> 3                                             owners to leaves
/// lane 2: out0 += recv <- 2;                     send out0 -> 1      chunk 0
/// lane 3: recv <- 2, send in1 + received -> 1;   out1 = recv <- 2
/// lane 4: send in2 -> 1;                         out2 = recv <- 2, send on -> 1
/// ```
public final class NestedRingsAllReduce {
  /// The name, as on the command line.
  public static final String NAME = "nested-rings";

  private static final int SIDE_LANES = 2;
  private static final double UNITS = 1 << 28; // weights of the whole vector, roughly

  private final int[] order;
  private final int[] placeOf;
  private final int pieces;
  private final List<Template> templates = new ArrayList<>();
  private final List<Long> weights = new ArrayList<>();

  /// One of the rings.
  ///
  /// @param size number of members
  /// @param firstLane its first lane
  /// @param lanes how many lanes its members' chunks have
  /// @param firstChunk its first chunk; piece q begins `q * size` behind it
  private record Template(int size, int firstLane, int lanes, int firstChunk) {}

  private NestedRingsAllReduce(NestedRings rings, int pieces, int lanes) {
    order = rings.order();
    placeOf = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      placeOf[order[i]] = i;
    }
    this.pieces = pieces;
    int each = Math.max(1, lanes / rings.rings() - SIDE_LANES);
    int lane = 0;
    for (int h = 1; h <= order.length; h++) {
      double part = rings.parts()[h - 1];
      if (part > 0) {
        Template template = new Template(h, lane, Math.min(h, each), weights.size());
        templates.add(template);
        lane += SIDE_LANES + template.lanes();
        long weight = Math.max(1, Math.round(part / h / pieces * UNITS));
        for (int c = 0; c < h * pieces; c++) {
          weights.add(weight);
        }
      }
    }
  }

  /// Returns the schedules of all ranks.
  ///
  /// @param rings which part goes over which ring
  /// @param pieces into how many pieces each owner's chunk is cut, at least 1
  /// @param lanes how many lanes may be used; with less than 3 for each ring there are 3 for each
  public static ScheduleSet scheduleSet(NestedRings rings, int pieces, int lanes) {
    if (pieces < 1 || lanes < 1) {
      throw new IllegalArgumentException(
          "nested rings need at least one piece and one lane, got " + pieces + " and " + lanes);
    }
    NestedRingsAllReduce algorithm = new NestedRingsAllReduce(rings, pieces, lanes);
    return ScheduleSet.of(rings.order().length, algorithm::schedule);
  }

  private Schedule schedule(int rank) {
    Partition partition =
        LowestTerms.partition(weights.stream().mapToLong(Long::longValue).toArray());
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, order.length, rank, 0, partition);
    for (int piece = 0; piece < pieces; piece++) {
      for (Template template : templates) {
        int first = template.firstChunk() + piece * template.size();
        leavesToOwners(steps, template, first, rank);
        around(steps, template, first, rank);
        ownersToLeaves(steps, template, first, rank);
      }
    }
    return steps.build();
  }

  private void leavesToOwners(ProgramOrderBuilder steps, Template template, int first, int rank) {
    int size = template.size();
    int leaves = order.length - size;
    int rounds = leaves == 0 ? 0 : Math.max(size, leaves);
    int place = placeOf[rank];
    boolean added = false;
    for (int round = 0; round < rounds; round++) {
      int other = partner(template, place, round, rounds);
      if (other >= 0 && place >= size) {
        steps.send(template.firstLane(), Operand.input(first + other), order[other]);
      } else if (other >= 0) {
        Operand sum = added ? Operand.output(first + place) : Operand.input(first + place);
        steps.recvReduce(
            template.firstLane(), sum, Operand.output(first + place), order[size + other]);
        added = true;
      }
    }
  }

  private void ownersToLeaves(ProgramOrderBuilder steps, Template template, int first, int rank) {
    int size = template.size();
    int leaves = order.length - size;
    int rounds = leaves == 0 ? 0 : Math.max(size, leaves);
    int place = placeOf[rank];
    int lane = template.firstLane() + 1;
    for (int round = 0; round < rounds; round++) {
      int other = partner(template, place, round, rounds);
      if (other >= 0 && place >= size) {
        steps.recv(lane, Operand.output(first + other), order[other]);
      } else if (other >= 0) {
        steps.send(lane, Operand.output(first + place), order[size + other]);
      }
    }
  }

  /// Returns with whom a rank talks in a round: a leaf's owner or an owner's leaf, -1 if nobody.
  /// Leaf i meets owner `(i + round) mod rounds`.
  private int partner(Template template, int place, int round, int rounds) {
    int size = template.size();
    if (place >= size) {
      int owner = (place - size + round) % rounds;
      return owner < size ? owner : -1;
    }
    int leaf = Math.floorMod(place - round, rounds);
    return leaf < order.length - size ? leaf : -1;
  }

  /// Appends a member's part of the ring; the owner has added what came from leaves.
  private void around(ProgramOrderBuilder steps, Template template, int first, int rank) {
    int size = template.size();
    int place = placeOf[rank];
    if (place >= size || size == 1) {
      return;
    }
    int next = order[(place + 1) % size];
    int previous = order[(place + size - 1) % size];
    boolean hasLeaves = size < order.length;
    for (int owner = 0; owner < size; owner++) {
      int chunk = first + owner;
      int lane = template.firstLane() + SIDE_LANES + owner % template.lanes();
      Operand in = Operand.input(chunk);
      Operand out = Operand.output(chunk);
      int distance = Math.floorMod(place - owner, size); // behind the owner
      if (distance == 0) {
        steps.recvReduce(lane, hasLeaves ? out : in, out, previous);
        steps.send(lane, out, next);
        continue;
      }
      if (distance == 1) {
        steps.send(lane, in, next);
      } else {
        steps.recvReduceSend(lane, in, previous, next);
      }
      if (distance == size - 1) {
        steps.recv(lane, out, previous);
      } else {
        steps.recvForward(lane, out, previous, next);
      }
    }
  }
}
