package dev.tutti.bench.report;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyCheck;
import dev.tutti.topology.probe.Estimate;
import dev.tutti.topology.probe.LinkFindings;
import dev.tutti.topology.probe.NetworkGroup;
import dev.tutti.topology.probe.NetworkMap;
import dev.tutti.topology.probe.PairProfile;
import dev.tutti.topology.probe.Profile;
import dev.tutti.topology.probe.RankPlace;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A profile for people: matrices of latency and rate, ports, groups, and what falls short.
public final class ProbeReport {
  // Wider matrices do not fit a screen.
  private static final int MOST_COLUMNS = 32;
  private static final String UNKNOWN = "-";

  private final PrintStream out;
  private final Palette palette;

  /// Makes a report.
  public ProbeReport(PrintStream out, Palette palette) {
    this.out = out;
    this.palette = palette;
  }

  /// Prints a profile.
  ///
  /// @param measured the same on the topology of the hosts
  public void print(Profile profile, Topology measured) {
    line(
        "# ranks: %d on %d host(s) over %s, measured in %.2f s",
        profile.ranks(), profile.hosts().size(), profile.transport(), profile.seconds());
    for (RankPlace place : profile.places()) {
      if (profile.ranks() <= MOST_COLUMNS) {
        line("#   rank %d: %s", place.rank(), place.port());
      }
    }
    if (profile.ranks() > 1 && profile.ranks() <= MOST_COLUMNS) {
      matrix(profile, "latency, us (median of half the way to and fro)", this::latency);
      matrix(profile, "rate, GB/s, while disjoint pairs talk at once", this::rate);
      if (profile.pairs().stream().anyMatch(pair -> pair.aloneBytesPerSecond() != null)) {
        matrix(profile, "rate, GB/s, while nobody else talks", this::aloneRate);
      }
      for (int rail = 0; rail < profile.railCount(); rail++) {
        rail(profile, rail);
      }
    } else if (profile.ranks() > 1) {
      line("# more than %d ranks: the matrices are in the file of --output", MOST_COLUMNS);
    }
    if (profile.network() != null) {
      network(profile, profile.network());
    }
    List<Finding> findings = new ArrayList<>(LinkFindings.of(profile));
    findings.addAll(TopologyCheck.slow(measured));
    findings(findings);
    out.flush();
  }

  private void matrix(Profile profile, String title, Function<PairProfile, String> cell) {
    line("#");
    line("# %s", title);
    StringBuilder head = new StringBuilder(String.format(Locale.ROOT, "# %8s", "from\\to"));
    for (int to = 0; to < profile.ranks(); to++) {
      head.append(String.format(Locale.ROOT, " %7d", to));
    }
    out.println(head);
    for (int from = 0; from < profile.ranks(); from++) {
      StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "  %8d", from));
      for (int to = 0; to < profile.ranks(); to++) {
        PairProfile pair = from == to ? null : profile.pair(from, to);
        String text = pair == null ? UNKNOWN : cell.apply(pair);
        row.append(String.format(Locale.ROOT, " %7s", text));
      }
      out.println(row);
    }
  }

  /// Prints what the pairs of probers carried over one rail alone.
  private void rail(Profile profile, int rail) {
    String name = profile.places().get(profile.probers().getFirst()).interfaces().get(rail);
    matrix(
        profile,
        "rate, GB/s, over rail %d alone (%s of rank 0's host)".formatted(rail, name),
        pair ->
            profile.rails().stream()
                .filter(each ->
                    each.rail() == rail && each.from() == pair.from() && each.to() == pair.to())
                .map(each -> gigabytes(each.bytesPerSecond()))
                .findFirst()
                .orElse(UNKNOWN));
  }

  private String latency(PairProfile pair) {
    Estimate latency = pair.latencySeconds();
    return latency == null ? UNKNOWN : Figures.shortMicros(latency.median() * 1e6);
  }

  private String rate(PairProfile pair) {
    return gigabytes(pair.bytesPerSecond());
  }

  private String aloneRate(PairProfile pair) {
    return gigabytes(pair.aloneBytesPerSecond());
  }

  private static String gigabytes(@Nullable Estimate rate) {
    if (rate == null) {
      return UNKNOWN;
    }
    double value = rate.median() / 1e9;
    return String.format(Locale.ROOT, value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.4f", value);
  }

  private void network(Profile profile, NetworkMap network) {
    line("#");
    line("# ports                              sends     receives");
    for (int p = 0; p < profile.probers().size(); p++) {
      line(
          "  %-28s %12s %12s",
          profile.places().get(profile.probers().get(p)).port(),
          LinkFindings.bits(network.outBytesPerSecond().get(p)),
          LinkFindings.bits(network.inBytesPerSecond().get(p)));
    }
    line("#");
    if (network.root().parts().isEmpty()) {
      line("# groups: none, the hosts share nothing that slows them down");
      return;
    }
    line("# groups, found by measurement in %d rounds", network.rounds());
    groups(profile, network.root(), "  ");
    line("# as an option: TUTTI_GROUPS=%s", groupsOption(profile));
  }

  private void groups(Profile profile, NetworkGroup group, String indent) {
    List<NetworkGroup> parts = group.parts();
    for (int i = 0; i < parts.size(); i++) {
      NetworkGroup part = parts.get(i);
      List<String> names = new ArrayList<>();
      part.members().forEach(member -> names.add(profile.hosts().get(member)));
      line(
          "%sgroup %d: %s; together they send %s and receive %s",
          indent,
          i,
          String.join(" ", names),
          limit(part.upBytesPerSecond()),
          limit(part.downBytesPerSecond()));
      groups(profile, part, indent + "  ");
    }
  }

  private static String limit(@Nullable Double rate) {
    return rate == null ? "what their ports can" : LinkFindings.bits(rate);
  }

  private void findings(List<Finding> findings) {
    line("#");
    if (findings.isEmpty()) {
      line("# %s", palette.good("no link falls short of its peers or of its nominal rate"));
    } else {
      findings.forEach(finding -> out.println("# " + palette.bad(finding.toString())));
    }
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  /// Returns the group of each rank as the option `groups` takes it: `0,0,1,1`.
  private static String groupsOption(Profile profile) {
    return IntStream.of(profile.groupOf())
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));
  }
}
