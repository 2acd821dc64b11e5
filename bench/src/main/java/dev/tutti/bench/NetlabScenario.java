package dev.tutti.bench;

import dev.tutti.bench.netlab.BitRate;
import dev.tutti.bench.netlab.LabSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// The options that say what a lab looks like.
final class NetlabScenario {
  @Option(
      names = "--hosts",
      paramLabel = "N",
      description = "Number of hosts, 2 to 64. Default: 4; pods: 8.")
  private @Nullable Integer hosts;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description = "Rate of every host's port, each way. Default: 1gbit; pods: 150mbit.")
  private @Nullable BitRate rate;

  @Option(
      names = "--trunk",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description =
          "Makes racks, two if --racks does not say more, with this rate from each to the others."
              + " Default: none; with racks 200mbit; pods: 100mbit.")
  private @Nullable BitRate trunk;

  @Option(
      names = "--racks",
      paramLabel = "R",
      description =
          "Number of racks that the hosts are distributed over. Default: 1; racks: 2; pods: 4.")
  private @Nullable Integer racks;

  @Option(
      names = "--pods",
      paramLabel = "P",
      description =
          "Number of pods that the racks are distributed over, each with an uplink of its own."
              + " Default: none; pods: 2.")
  private @Nullable Integer pods;

  @Option(
      names = "--pod-trunk",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description =
          "Rate from each pod to the others. Default: none; with pods 200mbit; pods: 100mbit.")
  private @Nullable BitRate podTrunk;

  @Option(
      names = "--shuffle",
      paramLabel = "SEED",
      description =
          "Places hosts in racks in a random order that this number determines, so that neighbours"
              + " by number are not neighbours. Default: in order.")
  private @Nullable Long shuffle;

  @Option(
      names = "--slow-rate",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description = "Rate of the last host's port. Default: that of the others; slow: 100mbit.")
  private @Nullable BitRate slowRate;

  @Option(
      names = "--congestion",
      paramLabel = "NAME",
      description =
          "TCP congestion control of connections on the hosts, for example cubic."
              + " Default: the kernel's.")
  private @Nullable String congestion;

  /// For picocli.
  NetlabScenario() {}

  /// Returns the lab that is asked for.
  ///
  /// @throws IllegalArgumentException if the options contradict each other
  LabSpec of(LabSpec.Scenario scenario) {
    return LabSpec.of(
        scenario,
        new LabSpec.Changes(
            hosts,
            rate,
            trunk,
            slowRate,
            congestion,
            new LabSpec.Tree(racks, pods, podTrunk, shuffle)));
  }

  /// Rates as tc writes them.
  static final class RateConverter implements ITypeConverter<BitRate> {
    /// For picocli.
    RateConverter() {}

    @Override
    public BitRate convert(String word) {
      try {
        return BitRate.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
