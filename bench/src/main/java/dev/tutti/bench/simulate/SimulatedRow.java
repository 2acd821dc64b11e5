package dev.tutti.bench.simulate;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.simulate.Prediction;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What an algorithm is predicted to need, and what that means.
///
/// @param algorithm its name
/// @param form what tells it from others of the same name, empty if nothing does
/// @param pieces into how many pieces it was told to cut messages
/// @param bytes of the full vector
/// @param late by how many seconds ranks begin later than the others, by rank
/// @param optimumSeconds least time possible if all begin at once, null if nobody knows it
public record SimulatedRow(
    String algorithm,
    String form,
    Collective collective,
    int pieces,
    long bytes,
    Prediction prediction,
    SortedMap<Integer, Double> late,
    @Nullable Double optimumSeconds) {

  /// Returns this row with another form.
  public SimulatedRow withForm(String other) {
    return new SimulatedRow(
        algorithm, other, collective, pieces, bytes, prediction, late, optimumSeconds);
  }

  double micros() {
    return prediction.seconds() * 1e6;
  }

  /// Returns algorithm bandwidth in GB/s, 0 where there are no data.
  double algorithmBandwidth() {
    return prediction.seconds() == 0 ? 0 : bytes / prediction.seconds() / 1e9;
  }

  /// Returns bus bandwidth in GB/s, with nccl-tests' factors.
  double busBandwidth() {
    return algorithmBandwidth() * factor();
  }

  private double factor() {
    int ranks = prediction.ranks();
    return switch (collective) {
      case EXCLUSIVE_SCAN -> BenchCollective.SCAN.busFactor(ranks);
      default -> BenchCollective.valueOf(collective.name()).busFactor(ranks);
    };
  }

  /// Returns the least time possible in per cent of the predicted one, null if nobody knows it.
  @Nullable Double percentOfOptimum() {
    return optimumSeconds == null || prediction.seconds() == 0
        ? null
        : Double.valueOf(100 * optimumSeconds / prediction.seconds());
  }
}
