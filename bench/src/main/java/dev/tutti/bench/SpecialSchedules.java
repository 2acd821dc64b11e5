package dev.tutti.bench;

import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.algorithm.MultiRingAllGather;
import dev.tutti.collectives.algorithm.MultiRingAllReduce;
import dev.tutti.collectives.algorithm.MultiRingReduceScatter;
import dev.tutti.collectives.algorithm.NestedRingsAllReduce;
import dev.tutti.collectives.plan.TopologySchedules;
import dev.tutti.collectives.plan.TopologySchedules.Planned;
import dev.tutti.collectives.plan.TopologySchedules.Request;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.Topology;
import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.format.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// Schedules that need more than a number of ranks: groups, orders, rates or a topology.
final class SpecialSchedules {
  private static final String MULTI_RING = "multi-ring";

  private final CommandSpec spec;
  private final TopologySource source;
  private final @Nullable String algorithm;
  private final List<String> groups;
  private final List<String> orders;
  private final @Nullable String rates;
  private final @Nullable Integer ranks;

  /// Takes the options of the command, null or empty where they are not given.
  SpecialSchedules(
      CommandSpec spec,
      TopologySource source,
      @Nullable String algorithm,
      List<String> groups,
      List<String> orders,
      @Nullable String rates,
      @Nullable Integer ranks) {
    this.spec = spec;
    this.source = source;
    this.algorithm = algorithm;
    this.groups = groups;
    this.orders = orders;
    this.rates = rates;
    this.ranks = ranks;
  }

  /// Returns the names of these algorithms.
  static List<String> names() {
    List<String> names = new ArrayList<>(TopologySchedules.names());
    names.add(MULTI_RING);
    return names;
  }

  /// Returns whether the options ask for one of them.
  boolean isAsked() {
    boolean named = algorithm != null && names().contains(algorithm);
    return named || !groups.isEmpty() || !orders.isEmpty() || rates != null || source.isNamed();
  }

  /// Returns the schedules of all ranks.
  ///
  /// @throws ParameterException if the options do not fit each other
  ScheduleSet generate(Request request) {
    try {
      if (request.pieces() < 1 || request.lanes() < 1) {
        throw wrong("expected pieces and lanes of at least 1");
      }
      requireOneInput();
      if (!groups.isEmpty()) {
        return hierarchical(request);
      }
      if (!orders.isEmpty()) {
        return multiRing(request);
      }
      if (rates != null) {
        requireAlgorithm("--rates", NestedRingsAllReduce.NAME);
        double[] numbers = rates(rates);
        requireRanks("--rates", numbers.length);
        return told(TopologySchedules.nestedRings(numbers, request));
      }
      return onTopology(request);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private void requireOneInput() {
    List<String> given = new ArrayList<>();
    if (!groups.isEmpty()) {
      given.add("--groups");
    }
    if (!orders.isEmpty()) {
      given.add("--order");
    }
    if (rates != null) {
      given.add("--rates");
    }
    if (source.isNamed()) {
      given.add("a topology");
    }
    if (given.size() > 1) {
      throw wrong(String.join(" and ", given) + " exclude each other");
    }
  }

  private ScheduleSet hierarchical(Request request) {
    String name = HierarchicalAllReduce.NAME;
    requireAlgorithm("--groups", name);
    requireAllReduce("--groups", name, request);
    int[][] levels = new int[groups.size()][];
    for (int i = 0; i < levels.length; i++) {
      levels[i] =
          numbers(
              groups.get(i),
              "--groups",
              "a number of at least 0 for each rank, separated by commas: 0,0,1,1");
      requireRanks("--groups", levels[i].length);
    }
    return HierarchicalAllReduce.scheduleSet(levels, request.pieces());
  }

  private ScheduleSet multiRing(Request request) {
    requireAlgorithm("--order", MULTI_RING);
    int[][] rings = new int[orders.size()][];
    for (int i = 0; i < rings.length; i++) {
      rings[i] = numbers(orders.get(i), "--order", "every rank once, separated by commas: 0,2,1,3");
      requireRanks("--order", rings[i].length);
    }
    long[] weights = new long[rings.length];
    Arrays.fill(weights, 1);
    return switch (request.collective()) {
      case ALL_REDUCE -> MultiRingAllReduce.scheduleSet(rings, weights);
      case ALL_GATHER -> MultiRingAllGather.scheduleSet(rings, weights);
      case REDUCE_SCATTER -> MultiRingReduceScatter.scheduleSet(rings, weights);
      default ->
          throw wrong("there is no " + request.collective().label() + " by '" + MULTI_RING + "'");
    };
  }

  private ScheduleSet onTopology(Request request) {
    String name = algorithm == null ? TopologySchedules.PACKED_TREES : algorithm;
    if (!source.isNamed()) {
      requireInputFor(name, request);
    }
    if (!TopologySchedules.names().contains(name)) {
      throw wrong("--from and --preset are for " + TopologySchedules.names() + ", not for " + name);
    }
    Topology topology = topology();
    requireRanks("the topology", topology.ranks().size());
    if (request.root() < 0 || request.root() >= topology.ranks().size()) {
      throw wrong(
          "--root is " + request.root() + ", but there are " + topology.ranks().size() + " ranks");
    }
    return told(TopologySchedules.schedules(name, topology, request));
  }

  private ScheduleSet told(Planned planned) {
    if (!planned.note().isEmpty()) {
      spec.commandLine().getErr().println(planned.note());
    }
    return planned.schedules();
  }

  private void requireInputFor(String name, Request request) {
    switch (name) {
      case HierarchicalAllReduce.NAME -> {
        requireAllReduce("--groups", name, request);
        throw wrong(
            name + " needs the group of each rank, for example --groups 0,0,1,1, or a topology");
      }
      case NestedRingsAllReduce.NAME ->
          throw wrong(
              name + " needs the rate of each port, for example --rates 1,1,1,0.5, or a topology");
      case MULTI_RING -> throw wrong(name + " needs an order, for example --order 0,2,1,3");
      default -> throw wrong(name + " needs a topology: --from FILE or --preset NAME");
    }
  }

  private Topology topology() {
    try {
      Reading reading = source.read(LocalTopology::discover);
      TopoCommand.print(spec, reading.findings());
      return reading.topology();
    } catch (IOException e) {
      throw wrong("cannot read the topology: " + e);
    }
  }

  private void requireAlgorithm(String option, String name) {
    if (algorithm != null && !algorithm.equals(name)) {
      throw wrong(option + " is for " + name + ", but --algorithm is '" + algorithm + "'");
    }
  }

  private void requireAllReduce(String option, String name, Request request) {
    if (request.collective() != Collective.ALL_REDUCE) {
      throw wrong(
          name
              + " ("
              + option
              + ") is an all-reduce; there is no "
              + request.collective().label()
              + " of it");
    }
  }

  private void requireRanks(String option, int length) {
    if (ranks != null && ranks != length) {
      throw wrong(
          option
              + " has "
              + length
              + (option.startsWith("--") ? " numbers" : " ranks")
              + ", but --ranks is "
              + ranks
              + ": expected one for each rank");
    }
  }

  private int[] numbers(String value, String option, String expected) {
    try {
      int[] numbers =
          Arrays.stream(value.split(",", -1))
              .map(String::strip)
              .mapToInt(Integer::parseInt)
              .toArray();
      if (Arrays.stream(numbers).allMatch(n -> n >= 0)) {
        return numbers;
      }
    } catch (NumberFormatException _) {
      // told below, as is a negative number
    }
    throw wrong(option + " is '" + value + "', expected " + expected);
  }

  private double[] rates(String value) {
    try {
      return Arrays.stream(value.split(",", -1))
          .map(String::strip)
          .mapToDouble(Double::parseDouble)
          .toArray();
    } catch (NumberFormatException _) {
      throw wrong(
          "--rates is '"
              + value
              + "', expected a positive number for each rank, separated by commas: 1,1,1,0.5");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
