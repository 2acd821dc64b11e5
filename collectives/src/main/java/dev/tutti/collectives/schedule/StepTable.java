package dev.tutti.collectives.schedule;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A [ScheduleSet] flattened into arrays, the form in which the verifier reads it.
///
/// All lanes of all ranks are numbered through, and so are all steps: the lanes of a rank, and the
/// steps of a lane, have consecutive numbers. Locations are local to a rank: with rows of w chunks
/// ([Blocks]) place p of INPUT is p, place p of OUTPUT is `w + p`, SCRATCH index i is `2 * w + i`.
/// The fields are read-only after construction.
///
/// The table presumes what [StructureCheck] checks. O(steps + dependencies) time and memory.
final class StepTable {
  final ScheduleSet set;
  final int ranks;
  final Blocks blocks;
  final int row;
  final int steps;

  /// Number of locations of each rank that its steps can name.
  final int[] locations;

  /// First lane of each rank; one more entry than ranks.
  final int[] firstLane;

  /// First step of each lane; one more entry than lanes.
  final int[] firstStep;

  final int[] rankOfLane;
  final int[] laneOf;
  final StepKind[] kind;

  /// Location read, -1 if none.
  final int[] source;

  /// Location written, -1 if none.
  final int[] target;

  /// Range of `dependency` of each step; one more entry than steps.
  final int[] firstDependency;

  final int[] dependency;

  /// Channel of the message that a step receives or sends, -1 if none.
  final int[] receiveChannel;

  final int[] sendChannel;
  final int channels;

  StepTable(ScheduleSet set) {
    this.set = set;
    ranks = set.ranks();
    blocks = Blocks.of(set);
    row = blocks.rowChunks();
    locations = new int[ranks];
    Arrays.fill(locations, 2 * row);
    firstLane = new int[ranks + 1];
    int dependencies = 0;
    int stepCount = 0;
    for (Schedule schedule : set.schedules()) {
      firstLane[schedule.rank() + 1] = firstLane[schedule.rank()] + schedule.lanes().size();
      for (Lane lane : schedule.lanes()) {
        stepCount = Math.addExact(stepCount, lane.steps().size());
        for (Step step : lane.steps()) {
          dependencies = Math.addExact(dependencies, step.after().size());
        }
      }
    }
    steps = stepCount;
    firstStep = new int[firstLane[ranks] + 1];
    rankOfLane = new int[firstLane[ranks]];
    laneOf = new int[steps];
    kind = new StepKind[steps];
    source = new int[steps];
    target = new int[steps];
    firstDependency = new int[steps + 1];
    dependency = new int[dependencies];
    receiveChannel = new int[steps];
    sendChannel = new int[steps];
    fillLanes();
    ChannelNumbers numbers = new ChannelNumbers(ranks);
    for (int lane = 0; lane < rankOfLane.length; lane++) {
      fillSteps(lane, numbers);
    }
    channels = numbers.size();
  }

  private void fillLanes() {
    int lane = 0;
    for (Schedule schedule : set.schedules()) {
      for (Lane l : schedule.lanes()) {
        rankOfLane[lane] = schedule.rank();
        firstStep[lane + 1] = firstStep[lane] + l.steps().size();
        lane++;
      }
    }
  }

  private void fillSteps(int lane, ChannelNumbers numbers) {
    int rank = rankOfLane[lane];
    int local = localLane(lane);
    List<Step> list = set.schedules().get(rank).lanes().get(local).steps();
    int step = firstStep[lane];
    int next = firstDependency[step];
    for (Step s : list) {
      laneOf[step] = lane;
      kind[step] = s.kind();
      Operand from = s.source();
      Operand to = s.target();
      source[step] = from == null ? -1 : location(from);
      target[step] = to == null ? -1 : location(to);
      locations[rank] = Math.max(locations[rank], Math.max(source[step], target[step]) + 1);
      for (Dependency d : s.after()) {
        dependency[next++] = firstStep[firstLane[rank] + d.lane()] + d.step();
      }
      int receive = s.receivePeer();
      int send = s.sendPeer();
      receiveChannel[step] = receive < 0 ? -1 : numbers.of(receive, rank, local);
      sendChannel[step] = send < 0 ? -1 : numbers.of(rank, send, local);
      firstDependency[++step] = next;
    }
  }

  private int location(Operand operand) {
    return switch (operand.buffer()) {
      case INPUT -> blocks.inputPlace(operand.index());
      case OUTPUT -> row + blocks.outputPlace(operand.index());
      case SCRATCH -> Math.addExact(2 * row, operand.index());
    };
  }

  /// Returns the text of the operand at a location of a rank, for messages.
  String operand(int rank, int location) {
    if (location >= 2 * row) {
      return ScheduleText.format(Operand.scratch(location - 2 * row));
    }
    int place = location % row;
    boolean input = location < row;
    int chunk = input ? blocks.inputChunk(rank, place) : blocks.outputChunk(rank, place);
    int shown = chunk < 0 ? place : chunk;
    return ScheduleText.format(input ? Operand.input(shown) : Operand.output(shown));
  }

  int lanes() {
    return rankOfLane.length;
  }

  int rankOf(int step) {
    return rankOfLane[laneOf[step]];
  }

  /// Returns the number of a lane within its rank.
  int localLane(int lane) {
    return lane - firstLane[rankOfLane[lane]];
  }

  /// Returns the number of a step within its lane.
  int localStep(int step) {
    return step - firstStep[laneOf[step]];
  }

  /// Returns the number of the first step of a rank, for `ranks` the number of steps.
  int firstStepOfRank(int rank) {
    return firstStep[firstLane[rank]];
  }

  /// Returns the step itself.
  Step step(int step) {
    int lane = laneOf[step];
    int rank = rankOfLane[lane];
    return set.schedules().get(rank).lanes().get(localLane(lane)).steps().get(localStep(step));
  }

  /// Describes a step: `rank 1 lane 0 step 2 (recv O3 = <0)`.
  String describe(int step) {
    return describePlace(step) + " (" + ScheduleText.format(step(step)) + ")";
  }

  /// Describes where a step is: `rank 1 lane 0 step 2`.
  String describePlace(int step) {
    return "rank " + rankOf(step) + " lane " + localLane(laneOf[step]) + " step " + localStep(step);
  }

  /// Numbers the channels (from, to, lane) in the order of first use.
  private static final class ChannelNumbers {
    private final int ranks;
    private final Map<Long, Integer> numbers = new HashMap<>();
    private final long[] recentKey = {-1, -1};
    private final int[] recentNumber = new int[2];

    ChannelNumbers(int ranks) {
      this.ranks = ranks;
    }

    int of(int from, int to, int lane) {
      long key = ((long) lane * ranks + from) * ranks + to;
      for (int i = 0; i < 2; i++) { // a ring talks to the same two peers all the time
        if (recentKey[i] == key) {
          return recentNumber[i];
        }
      }
      recentKey[1] = recentKey[0];
      recentNumber[1] = recentNumber[0];
      recentKey[0] = key;
      recentNumber[0] = numbers.computeIfAbsent(key, k -> numbers.size());
      return recentNumber[0];
    }

    int size() {
      return numbers.size();
    }
  }
}
