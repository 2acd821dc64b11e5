package dev.tutti.collectives.simulate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What links have saved up: a token bucket each, as shapers have it (`tc-tbf`, and what providers
/// of virtual machines put in front of them). It fills at the link's rate while nothing flows, up
/// to a size, and what begins to flow takes from it at once, beyond the rate.
///
/// All buckets are full at the beginning. What flows uses up what comes in, so a bucket only fills
/// between flows. Not thread-safe.
final class Bursts {
  private final double size;
  private final double[] rate; // by link
  private final double[] level;
  private final double[] idleSince;
  private final int[] flowing;
  private final int[][] linksOfPair;

  private Bursts(double size, double[] rate, int[][] linksOfPair) {
    this.size = size;
    this.rate = rate;
    this.linksOfPair = linksOfPair;
    this.level = new double[rate.length];
    Arrays.fill(level, size);
    this.idleSince = new double[rate.length];
    this.flowing = new int[rate.length];
  }

  /// Returns the buckets of the links that a program's pairs use; null if links save nothing up, or
  /// if ranks stand for others, whose links are not all there.
  static @Nullable Bursts of(Fabric fabric, Program program, double burstBytes) {
    if (burstBytes <= 0 || program.unit < program.ranks) {
      return null;
    }
    double[] rates = new double[fabric.links()];
    Arrays.setAll(rates, fabric::capacity);
    int[][] links = new int[program.pairs.size()][];
    for (int p = 0; p < links.length; p++) {
      Fabric.Way way = fabric.way(program.sender(p), program.receiver(p));
      links[p] =
          Arrays.stream(way.resources())
              .filter(r -> r < rates.length && rates[r] < Double.POSITIVE_INFINITY)
              .toArray();
    }
    return new Bursts(burstBytes, rates, links);
  }

  /// Begins a flow; returns how many of its bytes pass at once.
  double begin(int pair, double bytes, double now) {
    int[] links = linksOfPair[pair];
    double grant = links.length == 0 ? 0 : bytes;
    for (int link : links) {
      if (flowing[link] == 0) {
        level[link] = Math.min(size, level[link] + rate[link] * (now - idleSince[link]));
      }
      grant = Math.min(grant, level[link]);
    }
    for (int link : links) {
      level[link] -= grant;
      flowing[link]++;
    }
    return grant;
  }

  /// Ends a flow.
  void end(int pair, double now) {
    for (int link : linksOfPair[pair]) {
      if (--flowing[link] == 0) {
        idleSince[link] = now;
      }
    }
  }
}
