package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.algorithm.ScheduleInterpreter.Placement;
import dev.tutti.collectives.algorithm.ScheduleInterpreter.Sends;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.collectives.schedule.VerificationReport;
import java.util.Arrays;

/// What tests ask of a schedule that no registry knows: the proof, the results, and what it sends.
final class ScheduleProof {
  /// Elements of a vector whose chunks have the lengths that their weights say.
  private static final long MANY = 1L << 40;

  private ScheduleProof() {}

  /// Verifies with chunks longer than any channel.
  static void prove(ScheduleSet set, String what) {
    VerificationReport report = ScheduleVerifier.verify(set, 0);

    String text = what + ": " + report.describe();
    assertThat(report.isValid()).as(text).isTrue();
    assertThat(report.isSafeInPlace()).as(text + " in place").isTrue();
    assertThat(report.isConsistent()).as(text + " consistent").isTrue();
  }

  /// Runs on vectors of some counts, in both placements, and compares with the plain sum.
  static void run(ScheduleSet set, String what, long... counts) {
    boolean blocks =
        set.collective() == Collective.ALL_GATHER || set.collective() == Collective.REDUCE_SCATTER;
    for (long count : counts) {
      long elements = blocks ? count * set.ranks() : count;
      for (Placement placement : Placement.values()) {
        long[][] results =
            new ScheduleInterpreter(set, elements, Long::sum, Sends.RENDEZVOUS, placement, count)
                .run();
        for (int rank = 0; rank < set.ranks(); rank++) {
          boolean scattered = set.collective() == Collective.REDUCE_SCATTER;
          int from = scattered ? Math.toIntExact(rank * count) : 0;
          int to = Math.toIntExact(scattered ? from + count : elements);
          long[] expected = new long[to - from];
          for (int e = from; e < to; e++) {
            expected[e - from] = expected(set, count, e);
          }
          assertThat(Arrays.copyOfRange(results[rank], from, to))
              .as("%s count %d %s rank %d", what, count, placement, rank)
              .isEqualTo(expected);
        }
      }
    }
  }

  private static long expected(ScheduleSet set, long count, int element) {
    return switch (set.collective()) {
      case ALL_REDUCE, REDUCE_SCATTER -> {
        long sum = 0;
        for (int rank = 0; rank < set.ranks(); rank++) {
          sum += ScheduleInterpreter.value(rank, element);
        }
        yield sum;
      }
      case ALL_GATHER -> ScheduleInterpreter.value((int) (element / count), element);
      case BROADCAST -> ScheduleInterpreter.value(set.root(), element);
      default -> throw new AssertionError(set.collective());
    };
  }

  /// Returns what part of the vector each rank sends to each other, summed over the steps.
  static double[][] traffic(ScheduleSet set) {
    double[][] traffic = new double[set.ranks()][set.ranks()];
    Partition partition = set.partition();
    double[] length = new double[partition.chunks()];
    for (int c = 0; c < length.length; c++) {
      length[c] = (double) partition.length(c, MANY) / MANY;
    }
    for (Schedule schedule : set.schedules()) {
      for (Lane lane : schedule.lanes()) {
        for (Step step : lane.steps()) {
          if (step.kind().sends()) {
            int chunk = step.shape().index() % length.length;
            traffic[schedule.rank()][step.sendPeer()] += length[chunk];
          }
        }
      }
    }
    return traffic;
  }

  /// Returns how long the busiest port of a rank needs, for a vector of one byte.
  static double busiestPort(ScheduleSet set, double[] bytesPerSecond) {
    double[][] traffic = traffic(set);
    double busiest = 0;
    for (int rank = 0; rank < set.ranks(); rank++) {
      double in = 0;
      double out = 0;
      for (int other = 0; other < set.ranks(); other++) {
        in += traffic[other][rank];
        out += traffic[rank][other];
      }
      busiest = Math.max(busiest, Math.max(in, out) / bytesPerSecond[rank]);
    }
    return busiest;
  }

  /// Returns the most lanes that a rank uses.
  static int lanes(ScheduleSet set) {
    return set.schedules().stream().mapToInt(s -> s.lanes().size()).max().orElse(0);
  }
}
