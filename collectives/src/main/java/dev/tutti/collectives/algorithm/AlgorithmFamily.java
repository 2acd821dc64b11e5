package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import java.util.Map;
import java.util.Set;

/// An [Algorithm] made of one schedule function per collective; it checks the arguments for all of
/// them.
///
/// A world of one rank is handled here, one copy of INPUT to OUTPUT, so the functions see at least
/// two ranks, a root that is 0 where the collective has none, and arguments in range.
///
/// @param name the name of the family
/// @param functions the schedule function of each collective that the family realises
/// @param pipelined the collectives whose function looks at the number of pieces
record AlgorithmFamily(
    String name, Map<Collective, ScheduleFunction> functions, Set<Collective> pipelined)
    implements Algorithm {

  /// Makes the schedule of one rank; arguments as for [Algorithm#schedule], already checked.
  @FunctionalInterface
  interface ScheduleFunction {
    Schedule schedule(int ranks, int rank, int root, int pieces);
  }

  /// Copies the collections.
  AlgorithmFamily {
    functions = Map.copyOf(functions);
    pipelined = Set.copyOf(pipelined);
  }

  /// Makes a family that cuts no message into pieces.
  AlgorithmFamily(String name, Map<Collective, ScheduleFunction> functions) {
    this(name, functions, Set.of());
  }

  @Override
  public boolean supports(Collective collective, int ranks) {
    return ranks >= 1 && functions.containsKey(collective);
  }

  @Override
  public boolean pipelines(Collective collective) {
    return pipelined.contains(collective);
  }

  @Override
  public Schedule schedule(Collective collective, int ranks, int rank, int root, int pieces) {
    if (ranks < 1) {
      throw new IllegalArgumentException("ranks is " + ranks + ", expected at least 1");
    }
    ScheduleFunction function = functions.get(collective);
    if (function == null) {
      throw new IllegalArgumentException(
          "algorithm " + name + " does not support " + collective.label());
    }
    checkRank("rank", rank, ranks);
    checkRank("root", root, ranks);
    if (pieces < 1) {
      throw new IllegalArgumentException("pieces is " + pieces + ", expected at least 1");
    }
    if (ranks == 1) {
      return alone(collective);
    }
    return function.schedule(ranks, rank, collective.isRooted() ? root : 0, pieces);
  }

  private static void checkRank(String what, int value, int ranks) {
    if (value < 0 || value >= ranks) {
      throw new IllegalArgumentException(
          what + " " + value + " is outside a world of " + ranks + " ranks");
    }
  }

  private static Schedule alone(Collective collective) {
    ProgramOrderBuilder steps = new ProgramOrderBuilder(collective, 1, 0, 0, Partition.even(1));
    if (collective != Collective.BARRIER && collective != Collective.EXCLUSIVE_SCAN) {
      steps.copy(0, Operand.input(0), Operand.output(0));
    }
    return steps.build();
  }

  @Override
  public String toString() {
    return name;
  }
}
