package dev.tutti.topology.probe;

import dev.tutti.topology.Finding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Says which links fall short of their peers.
public final class LinkFindings {
  /// What carries less than this part of the median of its peers falls short.
  public static final double SHORT = 0.8;

  private LinkFindings() {}

  /// Returns the ports and pairs of a profile that carry less than [#SHORT] of what their peers do.
  /// Pairs whose ports or groups explain it are left out.
  public static List<Finding> of(Profile profile) {
    List<Finding> findings = new ArrayList<>();
    NetworkMap network = profile.network();
    if (network != null) {
      ports(profile, network.outBytesPerSecond(), "sends", findings);
      ports(profile, network.inBytesPerSecond(), "receives", findings);
      pairs(profile, network, findings);
    }
    rails(profile, findings);
    for (String host : profile.hosts()) {
      within(profile, host, findings);
    }
    return findings;
  }

  private static void ports(
      Profile profile, List<Double> rates, String verb, List<Finding> findings) {
    for (int p = 0; p < rates.size(); p++) {
      double peers = medianOfOthers(rates, p);
      if (rates.size() > 2 && rates.get(p) < SHORT * peers) {
        String port = profile.places().get(profile.probers().get(p)).port();
        findings.add(
            Finding.warning(port, verb + " " + bits(rates.get(p)) + ", its peers " + bits(peers)));
      }
    }
  }

  /// Compares what each host sends and receives over each rail with all other rails.
  private static void rails(Profile profile, List<Finding> findings) {
    int count = profile.railCount();
    int hosts = profile.probers().size();
    double[] sent = new double[hosts * count];
    double[] received = new double[hosts * count];
    for (RailProfile pair : profile.rails()) {
      int out = profile.hostOf(pair.from()) * count + pair.rail();
      int in = profile.hostOf(pair.to()) * count + pair.rail();
      double rate = pair.bytesPerSecond().median();
      sent[out] = Math.max(sent[out], rate);
      received[in] = Math.max(received[in], rate);
    }
    for (int i = 0; i < sent.length; i++) {
      String port = profile.places().get(profile.probers().get(i / count)).port(i % count);
      shortRail(port, "sends", sent, i, findings);
      shortRail(port, "receives", received, i, findings);
    }
  }

  private static void shortRail(
      String port, String verb, double[] rates, int index, List<Finding> findings) {
    double peers = medianOfOthers(Arrays.stream(rates).boxed().toList(), index);
    if (rates[index] < SHORT * peers) {
      String text = verb + " " + bits(rates[index]) + " alone, other rails " + bits(peers);
      findings.add(Finding.warning(port, text));
    }
  }

  private static void pairs(Profile profile, NetworkMap network, List<Finding> findings) {
    int[] groupOf = network.root().innermost();
    for (PairProfile pair : profile.pairs()) {
      int from = profile.probers().indexOf(pair.from());
      int to = profile.probers().indexOf(pair.to());
      Double rate = pair.rate();
      if (from < 0 || to < 0 || rate == null || groupOf[from] != groupOf[to]) {
        continue;
      }
      double ports =
          Math.min(network.outBytesPerSecond().get(from), network.inBytesPerSecond().get(to));
      if (profile.hostOf(pair.from()) != profile.hostOf(pair.to()) && rate < SHORT * ports) {
        String ends =
            profile.places().get(pair.from()).port()
                + " -> "
                + profile.places().get(pair.to()).port();
        findings.add(Finding.warning(ends, bits(rate) + ", its ports carry " + bits(ports)));
      }
    }
  }

  private static void within(Profile profile, String host, List<Finding> findings) {
    List<PairProfile> pairs = profile.pairsWithin(host);
    List<Double> rates = new ArrayList<>();
    pairs.forEach(pair -> rates.add(orZero(pair.rate())));
    for (int i = 0; i < pairs.size(); i++) {
      double peers = medianOfOthers(rates, i);
      // Within a host caches and cores differ: only what falls far short is worth a line.
      if (pairs.get(i).isSure() && pairs.size() > 2 && rates.get(i) < peers / 2) {
        String ends = "rank " + pairs.get(i).from() + " -> rank " + pairs.get(i).to();
        findings.add(
            Finding.warning(
                ends + " on host " + host, bytes(rates.get(i)) + ", its peers " + bytes(peers)));
      }
    }
  }

  private static double orZero(@Nullable Double rate) {
    return rate == null ? 0 : rate;
  }

  private static double medianOfOthers(List<Double> rates, int index) {
    double[] others = new double[rates.size() - 1];
    for (int i = 0, n = 0; i < rates.size(); i++) {
      if (i != index) {
        others[n++] = rates.get(i);
      }
    }
    Arrays.sort(others);
    return others.length == 0 ? 0 : others[others.length / 2];
  }

  /// Returns a rate as makers of networks write it: `941 Mbit/s`.
  public static String bits(double bytesPerSecond) {
    double bits = bytesPerSecond * 8;
    return bits >= 1e10
        ? String.format(Locale.ROOT, "%.1f Gbit/s", bits / 1e9)
        : String.format(Locale.ROOT, "%.0f Mbit/s", bits / 1e6);
  }

  private static String bytes(double bytesPerSecond) {
    return String.format(Locale.ROOT, "%.2f GB/s", bytesPerSecond / 1e9);
  }
}
