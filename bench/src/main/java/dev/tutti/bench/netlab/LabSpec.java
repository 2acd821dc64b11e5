package dev.tutti.bench.netlab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What a lab looks like: hosts with a port each, in racks, and the racks in pods if there are more
/// levels.
///
/// ```
/// uniform   host0 ─1 Gbit/s─┐             racks   host0 ─1 Gbit/s─┐  200 Mbit/s  ┌─1 Gbit/s─ host2
///           host1 ─1 Gbit/s─┤                                    ├─────trunk────┤
///           host2 ─1 Gbit/s─┼─ switch             host1 ─1 Gbit/s─┘              └─1 Gbit/s─ host3
///           host3 ─1 Gbit/s─┘
///
/// tree      hosts ── racks ──trunk── core, and with pods   hosts ── racks ──trunk── pods ──pod trunk── core
/// ```
///
/// Every port and every trunk is full duplex with that rate each way.
///
/// @param scenario the name of the scenario that it was made from
/// @param rates the rate of each host's port
/// @param racks the rack of each host, numbered by their first hosts
/// @param pods the pod of each rack, numbered by their first racks; all 0 if there are none
/// @param trunk the rate from each rack to the others, null if there is one rack; two racks without
///   pods are joined by one trunk, more by one each to a core
/// @param podTrunk the rate from each pod to the core, null if there are no pods
/// @param congestion the TCP congestion control of connections in it, null for the kernel's default
public record LabSpec(
    Scenario scenario,
    List<BitRate> rates,
    List<Integer> racks,
    List<Integer> pods,
    @Nullable BitRate trunk,
    @Nullable BitRate podTrunk,
    @Nullable String congestion) {
  /// Most hosts of a lab; its description must fit the name that the kernel keeps of a link.
  public static final int MAX_HOSTS = 64;

  /// Most racks of a lab.
  public static final int MAX_RACKS = LabDescription.DIGITS;

  private static final BitRate PORT = BitRate.parse("1gbit");
  private static final BitRate TRUNK = BitRate.parse("200mbit");
  private static final BitRate SLOW_PORT = BitRate.parse("100mbit");
  private static final int HOSTS = 4;

  // Ports of 150 Mbit/s, so that racks of two are oversubscribed 3 to 1 and pods of two racks 2 to
  // 1.
  private static final BitRate POD_PORT = BitRate.parse("150mbit");
  private static final BitRate POD_TRUNK = BitRate.parse("100mbit");

  /// A kind of lab.
  public enum Scenario {
    /// All ports are alike.
    UNIFORM,
    /// The last host's port is slower.
    SLOW,
    /// Two racks with a slow trunk between them.
    RACKS,
    /// Two pods of two racks of two hosts.
    PODS,
    /// Like uniform; a host's link goes down while a command runs.
    DOWN;

    /// Returns the name on the command line.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Checks that everything fits together.
  public LabSpec {
    rates = List.copyOf(rates);
    racks = List.copyOf(racks);
    pods = List.copyOf(pods);
    int hosts = rates.size();
    requireHosts(hosts);
    require(racks.size() == hosts, "there are " + hosts + " hosts, but racks of " + racks.size());
    require(
        isNumberedByFirst(racks),
        "racks must be numbered by their first hosts, but they are " + racks);
    int rackCount = Collections.max(racks) + 1;
    require(
        rackCount <= MAX_RACKS,
        "a lab has at most " + MAX_RACKS + " racks, but " + rackCount + " are asked for");
    require((trunk != null) == (rackCount > 1), "a trunk joins racks: there must be both or none");
    require(
        pods.size() == rackCount, "there are " + rackCount + " racks, but pods of " + pods.size());
    require(
        isNumberedByFirst(pods),
        "pods must be numbered by their first racks, but they are " + pods);
    require(
        (podTrunk != null) == (Collections.max(pods) > 0),
        "a pod trunk joins pods: there must be both or none");
    require(
        congestion == null || congestion.matches("[a-z0-9_-]{1,16}"),
        "'" + congestion + "' is not the name of a congestion control");
  }

  /// Makes a lab without pods.
  public LabSpec(
      Scenario scenario,
      List<BitRate> rates,
      List<Integer> racks,
      @Nullable BitRate trunk,
      @Nullable String congestion) {
    this(scenario, rates, racks, onePod(racks), trunk, null, congestion);
  }

  private static List<Integer> onePod(List<Integer> racks) {
    return Collections.nCopies(racks.stream().mapToInt(Integer::intValue).max().orElse(0) + 1, 0);
  }

  private static void requireHosts(int hosts) {
    require(
        hosts >= 2 && hosts <= MAX_HOSTS,
        "a lab has 2 to " + MAX_HOSTS + " hosts, but " + hosts + " are asked for");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  private static boolean isNumberedByFirst(List<Integer> groups) {
    int next = 0;
    for (int group : groups) {
      if (group < 0 || group > next) {
        return false;
      }
      next = Math.max(next, group + 1);
    }
    return next > 0;
  }

  /// What a scenario may be changed in; null leaves it as it is.
  ///
  /// @param hosts number of hosts, 4
  /// @param rate rate of the ports, 1 Gbit/s
  /// @param trunk rate between racks, 200 Mbit/s; makes two racks of any scenario
  /// @param slowRate rate of the last host's port, 100 Mbit/s in [Scenario#SLOW]
  /// @param congestion TCP congestion control
  /// @param tree racks and pods
  public record Changes(
      @Nullable Integer hosts,
      @Nullable BitRate rate,
      @Nullable BitRate trunk,
      @Nullable BitRate slowRate,
      @Nullable String congestion,
      Tree tree) {
    /// Changes nothing.
    public static final Changes NONE = new Changes(null, null, null, null, null);

    /// Leaves the numbers of racks and pods as they are.
    public Changes(
        @Nullable Integer hosts,
        @Nullable BitRate rate,
        @Nullable BitRate trunk,
        @Nullable BitRate slowRate,
        @Nullable String congestion) {
      this(hosts, rate, trunk, slowRate, congestion, Tree.NONE);
    }
  }

  /// What may be changed in how hosts are joined; null leaves it as it is.
  ///
  /// @param racks number of racks, 2 with a trunk
  /// @param pods number of pods that the racks are distributed over, none
  /// @param podTrunk rate from each pod to the core, 200 Mbit/s
  /// @param shuffle places hosts in racks in a random order that this number determines
  public record Tree(
      @Nullable Integer racks,
      @Nullable Integer pods,
      @Nullable BitRate podTrunk,
      @Nullable Long shuffle) {
    /// Changes nothing.
    public static final Tree NONE = new Tree(null, null, null, null);
  }

  /// Returns a scenario with some changes.
  ///
  /// @throws IllegalArgumentException if they contradict each other
  public static LabSpec of(Scenario scenario, Changes changes) {
    boolean isPods = scenario == Scenario.PODS;
    int hosts = Objects.requireNonNullElse(changes.hosts, isPods ? 2 * HOSTS : HOSTS);
    requireHosts(hosts);
    BitRate rate = Objects.requireNonNullElse(changes.rate, isPods ? POD_PORT : PORT);
    List<BitRate> rates = new ArrayList<>(Collections.nCopies(hosts, rate));
    BitRate slow =
        changes.slowRate == null && scenario == Scenario.SLOW ? SLOW_PORT : changes.slowRate;
    if (slow != null) {
      rates.set(hosts - 1, slow);
    }
    Tree tree = changes.tree;
    int pods = Objects.requireNonNullElse(tree.pods, isPods || tree.podTrunk != null ? 2 : 1);
    boolean isJoined = scenario == Scenario.RACKS || pods > 1 || changes.trunk != null;
    int racks = Objects.requireNonNullElse(tree.racks, isJoined ? 2 * pods : 1);
    require(
        racks >= 1 && racks <= hosts,
        "racks must be 1 to " + hosts + ", the number of hosts, but they are " + racks);
    require(
        pods >= 1 && pods <= racks,
        "pods must be 1 to " + racks + ", the number of racks, but they are " + pods);
    List<Integer> rackOf = new ArrayList<>();
    IntStream.range(0, hosts).forEach(host -> rackOf.add(host * racks / hosts));
    if (tree.shuffle != null) {
      Collections.shuffle(rackOf, new Random(tree.shuffle));
    }
    List<Integer> order = rackOf.stream().distinct().toList(); // of the racks by first hosts
    List<Integer> podOf = order.stream().map(rack -> rack * pods / racks).toList();
    List<Integer> podOrder = podOf.stream().distinct().toList();
    BitRate usual = isPods ? POD_TRUNK : TRUNK;
    return new LabSpec(
        scenario,
        rates,
        rackOf.stream().map(order::indexOf).toList(),
        podOf.stream().map(podOrder::indexOf).toList(),
        changes.trunk == null && racks > 1 ? usual : changes.trunk,
        tree.podTrunk == null && pods > 1 ? usual : tree.podTrunk,
        changes.congestion);
  }

  /// Returns the number of hosts.
  public int hosts() {
    return rates.size();
  }

  /// Returns the number of racks.
  public int rackCount() {
    return Collections.max(racks) + 1;
  }

  /// Returns the number of pods, 1 if there are none.
  public int podCount() {
    return Collections.max(pods) + 1;
  }

  /// Returns whether a core joins racks or pods.
  public boolean isTree() {
    return rackCount() > 2 || podCount() > 1;
  }

  /// Returns the pod of a host's rack.
  public int podOf(int host) {
    return pods.get(racks.get(host));
  }

  /// Returns all hosts in an order in which those of a rack are neighbours, and the racks of a pod:
  /// in a ring of them one link enters and one leaves each rack and each pod.
  public List<Integer> ring() {
    return IntStream.range(0, hosts())
        .boxed()
        .sorted(Comparator.comparingInt(this::podOf).thenComparingInt(racks::get))
        .toList();
  }

  /// Returns the rate that one stream from a host to another can have.
  public BitRate between(int from, int to) {
    BitRate rate = rates.get(from).min(rates.get(to));
    if (trunk != null && !racks.get(from).equals(racks.get(to))) {
      rate = rate.min(trunk);
    }
    return podTrunk != null && podOf(from) != podOf(to) ? rate.min(podTrunk) : rate;
  }

  /// Returns the description that [#decode] reads.
  String encode() {
    return LabDescription.write(this);
  }

  /// Reads what [#encode] wrote.
  ///
  /// @throws IllegalArgumentException if it is something else
  static LabSpec decode(String text) {
    return LabDescription.read(text);
  }
}
