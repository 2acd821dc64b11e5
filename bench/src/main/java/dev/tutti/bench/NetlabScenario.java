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
      description = "Number of hosts, 2 to 16. Default: 4.")
  private @Nullable Integer hosts;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description = "Rate of every host's port, each way. Default: 1gbit.")
  private @Nullable BitRate rate;

  @Option(
      names = "--trunk",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description = "Makes two racks with this rate between them. Default: none; racks: 200mbit.")
  private @Nullable BitRate trunk;

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
    return LabSpec.of(scenario, new LabSpec.Changes(hosts, rate, trunk, slowRate, congestion));
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
