package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Finds out from flows between its ends how a network is built: who shares a switch, and what the
/// switches share.
///
/// First all pairs meet, disjoint ones at once ([RoundRobin]). Flows inside a group run at the
/// speed of their ports however many there are; flows across groups compete for what joins the
/// groups. The groups that explain the losses best ([GroupSearch]) are then put to the test: inside
/// each group all pairs meet while nobody from elsewhere competes, so that a finer level shows;
/// then groups meet as wholes, every member with one of the other group, which fills what joins
/// them: that shows its capacity, and which groups belong together on a level above.
///
/// A network of p probers takes p - 1 rounds (p, if p is odd) for the first step, and few more than
/// the size of the largest group and the number of groups for the others. What is never the
/// bottleneck leaves no trace: groups whose uplink carries all that their members can send are not
/// told apart, and need not be.
public final class NetworkTomography {
  // How much loss another level must explain, as a part of the flows of each prober.
  private static final double LEAST_GAIN = 0.12;
  private static final int MOST_LEVELS = 4;
  private static final int POLISHES = 4;
  // A machine that is busy for a moment may look like an uplink, but not so often, with others.
  private static final int TESTS = 2;

  private final int probers;
  private final FlowProber prober;
  private final Sightings sightings;
  private final GroupSearch search;

  private NetworkTomography(int probers, FlowProber prober) {
    this.probers = probers;
    this.prober = prober;
    this.sightings = new Sightings(probers);
    this.search = new GroupSearch(sightings);
  }

  /// Explores a network. All probers may run this at once: it depends on the measured rates alone.
  ///
  /// @param probers number of probers, at least 1
  /// @param prober makes the flows
  public static NetworkMap explore(int probers, FlowProber prober) {
    return new NetworkTomography(probers, prober).explore();
  }

  private NetworkMap explore() {
    int[] everybody = new int[probers];
    run(meetings(everybody));
    List<int[]> levels = levels();
    if (levels.isEmpty() && unexplained(levels) >= leastGain()) {
      // Something is shared, but no groups explain it yet: others meet at once the second time.
      run(shuffledMeetings());
      levels = levels();
    }
    int confirmed = 0; // how often in a row tests have changed nothing
    for (int test = 0;
        !levels.isEmpty() && confirmed < TESTS && sightings.rounds() < 2 * probers;
        test++) {
      List<List<Flow>> tests = new ArrayList<>();
      for (int[] level : levels) {
        tests.addAll(meetingsAsWholes(level, test));
      }
      if (test == 0) {
        tests.addAll(meetings(levels.getFirst()));
      }
      run(tests.subList(0, Math.min(tests.size(), 2 * probers - sightings.rounds())));
      List<int[]> again = levels();
      confirmed = same(levels, again) ? confirmed + 1 : 0;
      levels = again;
    }
    levels.removeIf(level -> !sightings.traffic(level).isConfirmed());
    return new NetworkMap(
        boxed(sightings.out()),
        boxed(sightings.in()),
        group(levels),
        sightings.rounds(),
        sightings.all());
  }

  private static boolean same(List<int[]> a, List<int[]> b) {
    return Arrays.deepEquals(a.toArray(), b.toArray());
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private void run(List<List<Flow>> rounds) {
    if (rounds.isEmpty()) {
      return;
    }
    List<double[]> rates = prober.run(rounds);
    for (int r = 0; r < rounds.size(); r++) {
      sightings.add(rounds.get(r), rates.get(r));
    }
    sightings.complete();
  }

  /// Has all members of each group meet, all groups at once.
  private List<List<Flow>> meetings(int[] groupOf) {
    List<List<Flow>> batch = new ArrayList<>();
    for (List<Integer> group : members(groupOf)) {
      List<List<RoundRobin.Pair>> schedule = RoundRobin.rounds(group.size());
      for (int r = 0; r < schedule.size(); r++) {
        if (batch.size() <= r) {
          batch.add(new ArrayList<>());
        }
        for (RoundRobin.Pair pair : schedule.get(r)) {
          addBoth(batch.get(r), group.get(pair.a()), group.get(pair.b()));
        }
      }
    }
    return batch;
  }

  /// Has all pairs meet in other rounds than [#meetings] does.
  private List<List<Flow>> shuffledMeetings() {
    List<Integer> order = new ArrayList<>(IntStream.range(0, probers).boxed().toList());
    Collections.shuffle(order, new Random(probers)); // the same on every prober
    return meetings(new int[probers]).stream()
        .map(round ->
            round.stream()
                .map(flow -> new Flow(order.get(flow.from()), order.get(flow.to())))
                .toList())
        .toList();
  }

  /// Has groups meet as wholes, one direction after the other: where a link is full in both,
  /// acknowledgements wait behind data, and TCP takes long to fill either (Zhang, Shenker and
  /// Clark, SIGCOMM 1991).
  ///
  /// @param test how often they have met before: partners change
  private List<List<Flow>> meetingsAsWholes(int[] groupOf, int test) {
    List<List<Integer>> groups = members(groupOf);
    List<List<Flow>> batch = new ArrayList<>();
    for (List<RoundRobin.Pair> round : RoundRobin.rounds(groups.size())) {
      List<Flow> flows = new ArrayList<>();
      for (RoundRobin.Pair pair : round) {
        List<Integer> left = fastestFirst(groups.get(pair.a()));
        List<Integer> right = fastestFirst(groups.get(pair.b()));
        int pairs = Math.min(left.size(), right.size());
        for (int i = 0; i < pairs; i++) {
          flows.add(new Flow(left.get(i), right.get((i + test) % pairs)));
        }
      }
      batch.add(flows);
      batch.add(flows.stream().map(Flow::reversed).toList());
    }
    return batch;
  }

  private static void addBoth(List<Flow> flows, int a, int b) {
    flows.add(new Flow(a, b));
    flows.add(new Flow(b, a));
  }

  private List<Integer> fastestFirst(List<Integer> group) {
    double[] out = sightings.out();
    double[] in = sightings.in();
    return group.stream()
        .sorted(
            Comparator.comparingDouble((Integer m) -> -Math.min(out[m], in[m]))
                .thenComparingInt(m -> m))
        .toList();
  }

  private static List<List<Integer>> members(int[] groupOf) {
    List<List<Integer>> groups = new ArrayList<>();
    for (int i = 0; i < groupOf.length; i++) {
      while (groups.size() <= groupOf[i]) {
        groups.add(new ArrayList<>());
      }
      groups.get(groupOf[i]).add(i);
    }
    return groups;
  }

  // Which groups there are

  /// Returns the levels of groups, the finest first; none if all are together.
  private List<int[]> levels() {
    int[] single = IntStream.range(0, probers).toArray();
    double[][] distance = sightings.meanLoss();
    double before = unexplained(List.of());
    GroupSearch.Found first = search.best(single, distance, List.of());
    if (first.groups() < 2 || before - first.cost() < leastGain()) {
      return new ArrayList<>();
    }
    // The first may mix levels: what it explains best. Its finest parts are certain to be groups;
    // which of those belong together is asked again.
    List<int[]> finer = new ArrayList<>(List.of(first.groupOf()));
    while (finer.size() < MOST_LEVELS && finer(finer)) {
      // once more
    }
    List<int[]> levels = coarser(finer.getFirst());
    // With what the levels above explain, fewer or other groups may do.
    for (int sweep = 0; sweep < POLISHES; sweep++) {
      int[] above = levels.size() > 1 ? levels.get(1) : new int[probers];
      List<int[]> known = levels.subList(1, levels.size());
      int[] polished = search.improved(levels.getFirst(), above, known).groupOf();
      if (Arrays.equals(polished, levels.getFirst())) {
        break;
      }
      levels = coarser(polished);
    }
    return levels;
  }

  /// Returns a level of groups with those above it.
  private List<int[]> coarser(int[] finest) {
    List<int[]> levels = new ArrayList<>(List.of(finest));
    while (levels.size() < MOST_LEVELS && coarser(levels)) {
      // once more
    }
    return levels;
  }

  private double leastGain() {
    return LEAST_GAIN * sightings.expected();
  }

  private double unexplained(List<int[]> levels) {
    return sightings.unexplained(levels.stream().map(sightings::traffic).toList());
  }

  private boolean coarser(List<int[]> levels) {
    int[] last = levels.getLast();
    int groups = members(last).size();
    if (groups < 3) {
      return false;
    }
    GroupSearch.Found found = search.best(last, between(last), levels);
    if (found.groups() < 2
        || found.groups() == groups
        || unexplained(levels) - found.cost() < leastGain()) {
      return false;
    }
    levels.add(Arrays.stream(last).map(group -> found.groupOf()[group]).toArray());
    return true;
  }

  private boolean finer(List<int[]> levels) {
    int[] coarse = levels.getFirst();
    double[][] distance = sightings.meanLoss();
    for (int a = 0; a < probers; a++) {
      for (int b = 0; b < probers; b++) {
        distance[a][b] += coarse[a] == coarse[b] ? 0 : 2;
      }
    }
    GroupSearch.Found found = search.best(IntStream.range(0, probers).toArray(), distance, levels);
    int[] inside = new int[probers];
    for (int i = 0; i < probers; i++) {
      inside[i] = coarse[i] * probers + found.groupOf()[i];
    }
    int[] fine = GroupSearch.numbered(inside);
    int groups = members(fine).size();
    if (groups == members(coarse).size() || groups == probers) {
      return false;
    }
    List<int[]> more = new ArrayList<>(levels);
    more.addFirst(fine);
    if (unexplained(levels) - unexplained(more) < leastGain()) {
      return false;
    }
    levels.addFirst(fine);
    return true;
  }

  private double[][] between(int[] groupOf) {
    double[][] loss = sightings.meanLoss();
    List<List<Integer>> groups = members(groupOf);
    double[][] distance = new double[groups.size()][groups.size()];
    for (int a = 0; a < groups.size(); a++) {
      for (int b = 0; b < groups.size(); b++) {
        double sum = 0;
        for (int i : groups.get(a)) {
          for (int j : groups.get(b)) {
            sum += loss[i][j];
          }
        }
        distance[a][b] = a == b ? 0 : sum / (groups.get(a).size() * groups.get(b).size());
      }
    }
    return distance;
  }

  private NetworkGroup group(List<int[]> levels) {
    List<NetworkGroup> groups =
        IntStream.range(0, probers).mapToObj(i -> NetworkGroup.of(List.of(i))).toList();
    for (int l = 0; l < levels.size(); l++) {
      int[] level = levels.get(l);
      Sightings.Traffic traffic = sightings.traffic(level);
      List<NetworkGroup> above = new ArrayList<>();
      List<List<Integer>> members = members(level);
      for (int g = 0; g < members.size(); g++) {
        int number = g;
        List<NetworkGroup> parts =
            groups.stream().filter(p -> level[p.members().getFirst()] == number).toList();
        NetworkGroup group =
            l == 0
                ? NetworkGroup.of(members.get(g))
                : parts.size() == 1 ? parts.getFirst() : NetworkGroup.around(parts);
        above.add(
            parts.size() == 1 && l > 0 ? group : group.withUplink(traffic.up(g), traffic.down(g)));
      }
      groups = above;
    }
    return levels.isEmpty()
        ? NetworkGroup.of(IntStream.range(0, probers).boxed().toList())
        : groups.size() == 1 ? groups.getFirst() : NetworkGroup.around(groups);
  }
}
