package dev.tutti.bench.netlab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a lab looks like: hosts with a port each, in one rack or in two that a trunk joins.
///
/// ```
/// uniform   host0 ─1 Gbit/s─┐             racks   host0 ─1 Gbit/s─┐  200 Mbit/s  ┌─1 Gbit/s─ host2
///           host1 ─1 Gbit/s─┤                                    ├─────trunk────┤
///           host2 ─1 Gbit/s─┼─ switch             host1 ─1 Gbit/s─┘              └─1 Gbit/s─ host3
///           host3 ─1 Gbit/s─┘
/// ```
///
/// Every port and the trunk are full duplex with that rate each way.
///
/// @param scenario the name of the scenario that it was made from
/// @param rates the rate of each host's port
/// @param racks the rack of each host, 0 or 1, ascending
/// @param trunk the rate between the racks, null if there is one rack
/// @param congestion the TCP congestion control of connections in it, null for the kernel's default
public record LabSpec(
    Scenario scenario,
    List<BitRate> rates,
    List<Integer> racks,
    @Nullable BitRate trunk,
    @Nullable String congestion) {
  /// Most hosts of a lab; its description must fit the name that the kernel keeps of a link.
  public static final int MAX_HOSTS = 16;

  private static final BitRate PORT = BitRate.parse("1gbit");
  private static final BitRate TRUNK = BitRate.parse("200mbit");
  private static final BitRate SLOW_PORT = BitRate.parse("100mbit");
  private static final int HOSTS = 4;

  /// A kind of lab.
  public enum Scenario {
    /// All ports are alike.
    UNIFORM,
    /// The last host's port is slower.
    SLOW,
    /// Two racks with a slow trunk between them.
    RACKS,
    /// Like uniform; a host's link goes down while a command runs.
    DOWN;

    /// Returns the name on the command line.
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /// Checks that everything fits together.
  public LabSpec {
    rates = List.copyOf(rates);
    racks = List.copyOf(racks);
    int hosts = rates.size();
    require(
        hosts >= 2 && hosts <= MAX_HOSTS,
        "a lab has 2 to " + MAX_HOSTS + " hosts, but " + hosts + " are asked for");
    require(racks.size() == hosts, "there are " + hosts + " hosts, but racks of " + racks.size());
    require(
        racks.stream().allMatch(rack -> rack == 0 || rack == 1)
            && racks.stream().sorted().toList().equals(racks)
            && racks.getFirst() == 0,
        "racks must be 0 and then 1, but they are " + racks);
    require(
        (trunk != null) == (racks.getLast() == 1),
        "a trunk joins two racks: there must be both or none");
    require(
        congestion == null || congestion.matches("[a-z0-9_-]{1,16}"),
        "'" + congestion + "' is not the name of a congestion control");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /// What a scenario may be changed in; null leaves it as it is.
  ///
  /// @param hosts number of hosts, 4
  /// @param rate rate of the ports, 1 Gbit/s
  /// @param trunk rate between two racks, 200 Mbit/s; makes two racks of any scenario
  /// @param slowRate rate of the last host's port, 100 Mbit/s in [Scenario#SLOW]
  /// @param congestion TCP congestion control
  public record Changes(
      @Nullable Integer hosts,
      @Nullable BitRate rate,
      @Nullable BitRate trunk,
      @Nullable BitRate slowRate,
      @Nullable String congestion) {
    /// Changes nothing.
    public static final Changes NONE = new Changes(null, null, null, null, null);
  }

  /// Returns a scenario with some changes.
  ///
  /// @throws IllegalArgumentException if they contradict each other
  public static LabSpec of(Scenario scenario, Changes changes) {
    int hosts = Objects.requireNonNullElse(changes.hosts, HOSTS);
    require(
        hosts >= 2 && hosts <= MAX_HOSTS,
        "a lab has 2 to " + MAX_HOSTS + " hosts, but " + hosts + " are asked for");
    BitRate rate = Objects.requireNonNullElse(changes.rate, PORT);
    List<BitRate> rates = new ArrayList<>(Collections.nCopies(hosts, rate));
    BitRate slow =
        changes.slowRate == null && scenario == Scenario.SLOW ? SLOW_PORT : changes.slowRate;
    if (slow != null) {
      rates.set(hosts - 1, slow);
    }
    BitRate trunk = changes.trunk == null && scenario == Scenario.RACKS ? TRUNK : changes.trunk;
    int first = trunk == null ? hosts : (hosts + 1) / 2;
    List<Integer> racks =
        Stream.iterate(0, i -> i + 1).limit(hosts).map(i -> i < first ? 0 : 1).toList();
    return new LabSpec(scenario, rates, racks, trunk, changes.congestion);
  }

  /// Returns the number of hosts.
  public int hosts() {
    return rates.size();
  }

  /// Returns the number of racks.
  public int rackCount() {
    return racks.getLast() + 1;
  }

  /// Returns the rate that one stream from a host to another can have.
  public BitRate between(int from, int to) {
    BitRate ports = rates.get(from).min(rates.get(to));
    return trunk == null || racks.get(from).equals(racks.get(to)) ? ports : ports.min(trunk);
  }

  /// Returns the description that [#decode] reads.
  String encode() {
    StringBuilder text = new StringBuilder();
    text.append("scenario=").append(scenario.label());
    text.append(" rates=").append(join(rates));
    text.append(" racks=").append(join(racks));
    if (trunk != null) {
      text.append(" trunk=").append(trunk);
    }
    if (congestion != null) {
      text.append(" congestion=").append(congestion);
    }
    return text.toString();
  }

  private static String join(List<?> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /// Reads what [#encode] wrote.
  ///
  /// @throws IllegalArgumentException if it is something else
  static LabSpec decode(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String word : text.strip().split("\\s+")) {
      int equals = word.indexOf('=');
      require(equals > 0, "'" + text + "' does not describe a lab: '" + word + "' is no key=value");
      fields.put(word.substring(0, equals), word.substring(equals + 1));
    }
    String trunk = fields.get("trunk");
    return new LabSpec(
        Scenario.valueOf(field(fields, "scenario", text).toUpperCase(java.util.Locale.ROOT)),
        Arrays.stream(field(fields, "rates", text).split(",")).map(BitRate::parse).toList(),
        Arrays.stream(field(fields, "racks", text).split(",")).map(Integer::valueOf).toList(),
        trunk == null ? null : BitRate.parse(trunk),
        fields.get("congestion"));
  }

  private static String field(Map<String, String> fields, String key, String text) {
    String value = fields.get(key);
    if (value == null) {
      throw new IllegalArgumentException("'" + text + "' does not describe a lab: no " + key);
    }
    return value;
  }
}
