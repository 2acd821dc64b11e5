package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;

/// All-reduce of which one rank is known to come late: the others, the *early* ranks, do without it
/// what can be done without it.
///
/// Sources: reducing among those that are there while the last one is awaited is the idea of
/// Proficz, "Improving all-reduce collective operations for imbalanced process arrival patterns",
/// J. Supercomputing 74, 2018 (pre-reduced ring), and of StragglAR (arXiv 2505.23523), which for
/// one late rank does a reduce-scatter among the others. What follows the arrival here is the outer
/// part of [NestedRingsAllReduce]: the late rank is a leaf of the ring of all others.
///
/// With m = n - 1 early ranks the vector has m chunks for each piece, one for each early rank, its
/// owner. Early ranks reduce-scatter round the ring. The late rank sends each chunk to its owner
/// once, who adds it slice by slice to the sum of the others and passes each slice on at once:
/// round the ring, and back to the late rank.
///
/// Let S be the vector and B what a port carries in each direction. The reduce-scatter takes `(m -
/// 1) / m S/B`, and nothing in it waits for the late rank. After the arrival the late rank gives
///    and takes S; an early rank takes S/m from it and (m - 1)/m S from the ring, and gives as
///    much. So every port is full in both directions, and the arrival is followed by S/B and the
///    time of a piece to get through the ring. A ring that begins at the arrival takes `2 (n - 1) /
///    n S/B`. If the rank is not late at all, early ports carry `(2 m - 1) / m` S: with 8 ranks 6 %
///    more than in a ring.
///
/// The sum of a chunk is the ring's over the early ranks, plus the late rank's part; all ranks hold
/// the same bits.
///
/// Lanes, in three groups: reduce-scatter; from the late rank and on round the ring; back to the
/// late rank. Chunks take turns in the lanes of a group where there are not lanes enough; all ranks
/// follow the same order of chunks, so no cycle of waits can arise. Example, 4 ranks, 3 the late
/// one, one piece, seen by rank 0, owner of chunk 0:
///
/// ```
/// lane 0: out0 = in0 + recv <- 2                       lane 3: out0 += recv <- 3, send on -> 1
/// lane 1: recv <- 2, send in1 + received -> 1          lane 4: out1 = recv <- 2
/// lane 2: send in2 -> 1                                lane 5: out2 = recv <- 2, send on -> 1
/// lane 6: send out0 -> 3
/// ```
public final class LateRankAllReduce {
  /// The name, as on the command line.
  public static final String NAME = "late-rank";

  /// The smallest number of ranks for which it is made: two early ones and a late one.
  public static final int LEAST_RANKS = 3;

  /// The smallest number of lanes that it needs.
  public static final int LEAST_LANES = 3; // a group each

  private static final long LEAST_CHUNK_BYTES = 32 << 10;
  private static final int MOST_PIECES = 32;
  private static final int MOST_CHUNKS = 256;

  private final int ranks;
  private final int late;
  private final int early;
  private final int pieces;
  private final int group; // lanes of a group

  private LateRankAllReduce(int ranks, int late, int pieces, int lanes) {
    if (ranks < LEAST_RANKS) {
      throw new IllegalArgumentException(
          NAME + " needs at least " + LEAST_RANKS + " ranks, got " + ranks);
    }
    if (late < 0 || late >= ranks) {
      throw new IllegalArgumentException(
          "the late rank is " + late + ", expected 0 to " + (ranks - 1));
    }
    if (pieces < 1 || lanes < LEAST_LANES) {
      throw new IllegalArgumentException(
          NAME
              + " needs at least one piece and "
              + LEAST_LANES
              + " lanes, got "
              + pieces
              + " and "
              + lanes);
    }
    this.ranks = ranks;
    this.late = late;
    this.early = ranks - 1;
    this.pieces = pieces;
    this.group = Math.min(early, lanes / LEAST_LANES);
  }

  /// Returns the schedules of all ranks. Those for another late rank are the same with other names
  /// for the ranks, so what is proved for one late rank holds for each.
  ///
  /// @param ranks number of ranks, at least [#LEAST_RANKS]
  /// @param late the rank that comes last
  /// @param pieces into how many pieces each owner's chunk is cut, at least 1
  /// @param lanes how many lanes may be used, at least 3
  public static ScheduleSet scheduleSet(int ranks, int late, int pieces, int lanes) {
    LateRankAllReduce algorithm = new LateRankAllReduce(ranks, late, pieces, lanes);
    return ScheduleSet.of(ranks, algorithm::schedule);
  }

  /// Returns the schedule of one rank; arguments as for [#scheduleSet].
  public static Schedule schedule(int ranks, int rank, int late, int pieces, int lanes) {
    return new LateRankAllReduce(ranks, late, pieces, lanes).schedule(rank);
  }

  /// Returns how many pieces suit a vector: enough for the ring to be a short pipeline, each not so
  /// short that messages become dear.
  public static int pieces(int ranks, long vectorBytes) {
    int early = Math.max(1, ranks - 1);
    int most = Math.clamp(MOST_CHUNKS / early, 1, MOST_PIECES);
    return Math.clamp(vectorBytes / early / LEAST_CHUNK_BYTES, 1, most);
  }

  private Schedule schedule(int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(early * pieces));
    for (int chunk = 0; chunk < early * pieces; chunk++) {
      int owner = chunk % early;
      int lane = owner % group;
      if (rank == late) {
        steps.send(group + lane, Operand.input(chunk), rankAt(owner));
        steps.recv(2 * group + lane, Operand.output(chunk), rankAt(owner));
      } else {
        gather(steps, lane, chunk, placeOf(rank), owner);
        spread(steps, lane, chunk, placeOf(rank), owner);
      }
    }
    return steps.build();
  }

  /// Appends an early rank's part in summing a chunk up at its owner.
  private void gather(ProgramOrderBuilder steps, int lane, int chunk, int place, int owner) {
    Operand in = Operand.input(chunk);
    int distance = Math.floorMod(place - owner, early); // behind the owner
    if (distance == 0) {
      steps.recvReduce(lane, in, Operand.output(chunk), previous(place));
    } else if (distance == 1) {
      steps.send(lane, in, next(place));
    } else {
      steps.recvReduceSend(lane, in, previous(place), next(place));
    }
  }

  /// Appends an early rank's part in finishing a chunk and giving it to all.
  private void spread(ProgramOrderBuilder steps, int lane, int chunk, int place, int owner) {
    Operand out = Operand.output(chunk);
    int distance = Math.floorMod(place - owner, early);
    if (distance == 0) {
      steps.recvReduceForward(group + lane, out, out, late, next(place));
      steps.send(2 * group + lane, out, late);
    } else if (distance == early - 1) {
      steps.recv(group + lane, out, previous(place));
    } else {
      steps.recvForward(group + lane, out, previous(place), next(place));
    }
  }

  private int next(int place) {
    return rankAt((place + 1) % early);
  }

  private int previous(int place) {
    return rankAt((place + early - 1) % early);
  }

  /// Returns the rank at a place of the ring: early ranks in their order.
  private int rankAt(int place) {
    return place < late ? place : place + 1;
  }

  private int placeOf(int rank) {
    return rank < late ? rank : rank - 1;
  }
}
