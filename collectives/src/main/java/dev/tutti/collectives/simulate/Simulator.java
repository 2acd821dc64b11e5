package dev.tutti.collectives.simulate;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.topology.Topology;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Predicts how long schedules take on a topology.
///
/// The model is a fluid one: a message is a flow over the shortest way from its sender to its
/// receiver, flows share links max-min fairly, and what is passed on is so slice by slice; see
/// [FlowSimulation] for the rules. Chunk c of a vector of S bytes has exactly `S * weight /
/// weights` bytes, which need not be whole.
///
/// Where it would be long, it looks for a symmetry: if shifting all ranks by some hosts maps the
/// schedules onto themselves ([ScheduleShift]) and all flows meet equal links ([Sharing]), the
/// ranks of one unit of hosts stand for all. Where ranks begin at different times there is none.
/// That is what makes a ring of 16,384 ranks, half a billion messages, a matter of seconds.
///
/// Ranks begin at time 0 unless the options say that some are late; the time predicted is that from
/// 0 to the last rank's end.
///
/// Deterministic: equal arguments give equal results. Not thread-safe.
public final class Simulator {
  private static final long STEPS_WITHOUT_SEARCH = 200_000;
  private static final long MOST_WAYS = 4L << 20;
  private static final int MOST_UNITS_TRIED = 8;
  private static final int MOST_SLICES_PER_STEP = (1 << 28) - 1; // fits an event

  private final Topology topology;
  private final SimulationOptions options;
  private final long stepsWithoutSearch;
  private @Nullable Fabric fabric; // of the last number of ranks

  /// A program with the network that it runs on.
  private record Ready(Program program, Sharing.Shared shared) {}

  /// Makes a simulator.
  ///
  /// @param topology the ranks placed on it are those of the schedules, or more
  public Simulator(Topology topology, SimulationOptions options) {
    this(topology, options, STEPS_WITHOUT_SEARCH);
  }

  /// Makes a simulator.
  ///
  /// @param stepsWithoutSearch up to so many steps, no symmetry is looked for
  Simulator(Topology topology, SimulationOptions options, long stepsWithoutSearch) {
    this.topology = topology;
    this.options = options;
    this.stepsWithoutSearch = stepsWithoutSearch;
  }

  /// Predicts one operation.
  ///
  /// @param bytes of the full vector, at least 0; a barrier's messages are empty
  /// @throws IllegalArgumentException if a rank is not placed, a message has no way, nobody knows
  ///   what a way carries, or the schedules do not belong together or get stuck
  /// @throws SimulationLimitException if it would take too much memory or time
  public Prediction predict(ScheduleSource source, long bytes) {
    return predict(source, bytes, null);
  }

  /// Predicts one operation of which somebody hears every message, of every rank.
  ///
  /// @param listener if there is one, no symmetry is made use of
  /// @throws IllegalArgumentException as without a listener
  /// @throws SimulationLimitException as without a listener
  public Prediction predict(ScheduleSource source, long bytes, @Nullable MessageListener listener) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes is " + bytes + ", expected at least 0");
    }
    requireLateRanks(source.ranks());
    Fabric ways = fabric(source.ranks());
    Ready ready = prepare(source, ways, listener != null);
    Program program = ready.program();
    Schedule first = source.schedule(0);
    long moved = first.collective() == Collective.BARRIER ? 0 : bytes;
    double[] chunkBytes = chunkBytes(first.partition(), moved);
    long sliceBytes = sliceBytes(program, chunkBytes);
    int[] chunkSlices = new int[chunkBytes.length];
    for (int c = 0; c < chunkSlices.length; c++) {
      chunkSlices[c] = slices(chunkBytes[c], sliceBytes);
    }
    FlowSimulation simulation =
        new FlowSimulation(
            program,
            ready.shared(),
            Bursts.of(ways, program, options.messages().burstBytes()),
            chunkBytes,
            chunkSlices,
            options,
            listener);
    double seconds = simulation.run();
    return new Prediction(
        seconds,
        program.ranks,
        program.unit,
        program.steps,
        simulation.messages(),
        simulation.flows(),
        sliceBytes,
        simulation.bytes() * program.ranks / program.unit,
        ways.unknownLinks());
  }

  private void requireLateRanks(int ranks) {
    options
        .lateSeconds()
        .keySet()
        .forEach(rank -> {
          if (rank >= ranks) {
            throw new IllegalArgumentException(
                "rank " + rank + " is late, but there are only ranks 0 to " + (ranks - 1));
          }
        });
  }

  private Fabric fabric(int ranks) {
    Fabric ways = fabric;
    if (ways == null || ways.ranks() != ranks) {
      ways = new Fabric(topology, ranks, options);
      fabric = ways;
    }
    return ways;
  }

  private Ready prepare(ScheduleSource source, Fabric ways, boolean everyRank) {
    long steps = estimatedSteps(source);
    boolean together = options.lateSeconds().isEmpty(); // else no shift maps all onto themselves
    if (steps > stepsWithoutSearch && !everyRank && together) {
      Ready folded = fold(source, ways);
      if (folded != null) {
        return folded;
      }
    }
    if (steps > options.mostSteps()) {
      throw new SimulationLimitException(
          "the schedules have about "
              + steps
              + " steps and no symmetry that could be made use of; up to "
              + options.mostSteps()
              + " are simulated");
    }
    Program program = link(source, source.ranks(), Rotation.NONE);
    Sharing.Shared shared = share(ways, program);
    if (shared == null) {
      throw new AssertionError("one unit is always symmetric");
    }
    return new Ready(program, shared);
  }

  /// Returns the number of steps of all ranks if all have as many as the average of some.
  private static long estimatedSteps(ScheduleSource source) {
    int n = source.ranks();
    int[] some = IntStream.of(0, n / 3, n / 2, n - 1).distinct().toArray();
    long steps = 0;
    for (int rank : some) {
      steps += StepArrays.of(source.schedule(rank)).steps();
    }
    return steps * n / some.length;
  }

  /// Returns the program of the smallest unit of hosts that stands for all, null if none was found.
  private @Nullable Ready fold(ScheduleSource source, Fabric ways) {
    int n = source.ranks();
    int host = ways.ranksOfFirstHost();
    int tried = 0;
    for (int unit = host; 2L * unit <= n && tried < MOST_UNITS_TRIED; unit += host) {
      if (n % unit != 0) {
        continue;
      }
      tried++;
      Rotation rotation = ScheduleShift.find(source, unit, host);
      if (rotation != null) {
        Program program = link(source, unit, rotation);
        Sharing.Shared shared = share(ways, program);
        if (shared != null) {
          return new Ready(program, shared);
        }
      }
    }
    return null;
  }

  private Program link(ScheduleSource source, int unit, Rotation rotation) {
    StepArrays[] schedules =
        IntStream.range(0, unit)
            .parallel()
            .mapToObj(rank -> StepArrays.of(source.schedule(rank)))
            .toArray(StepArrays[]::new);
    long steps = 0;
    for (StepArrays schedule : schedules) {
      steps += schedule.steps();
    }
    if (steps > options.mostSteps()) {
      throw new SimulationLimitException(
          "the schedules of "
              + unit
              + " ranks have "
              + steps
              + " steps; up to "
              + options.mostSteps()
              + " are simulated");
    }
    return Program.link(schedules, source.ranks(), rotation);
  }

  private static Sharing.@Nullable Shared share(Fabric ways, Program program) {
    long needed = (long) program.pairs.size() * (program.ranks / program.unit);
    if (needed > MOST_WAYS) {
      throw new SimulationLimitException(
          needed + " pairs of ranks exchange messages; up to " + MOST_WAYS + " are simulated");
    }
    return Sharing.of(ways, program);
  }

  private static double[] chunkBytes(Partition partition, long bytes) {
    double[] result = new double[partition.chunks()];
    double total = 0;
    for (int c = 0; c < result.length; c++) {
      total += partition.weight(c);
    }
    for (int c = 0; c < result.length; c++) {
      result[c] = bytes * (partition.weight(c) / total);
    }
    return result;
  }

  /// Returns the size of slices: that asked for, doubled until there are not too many.
  private long sliceBytes(Program program, double[] chunkBytes) {
    long[] passedOn = new long[chunkBytes.length];
    for (int s = 0; s < program.steps; s++) {
      if (program.feed[s] >= 0) {
        passedOn[program.chunk[s]]++;
      }
    }
    long size = options.sliceBytes();
    while (true) {
      long slices = 0;
      boolean several = false;
      for (int c = 0; c < chunkBytes.length; c++) {
        slices += passedOn[c] * slices(chunkBytes[c], size);
        several |= chunkBytes[c] > size;
      }
      if (slices <= options.mostSlices() || !several) {
        return size;
      }
      size *= 2;
    }
  }

  private static int slices(double bytes, long sliceBytes) {
    return Math.clamp((long) Math.ceil(bytes / sliceBytes), 1, MOST_SLICES_PER_STEP);
  }
}
