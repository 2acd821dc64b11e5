package dev.tutti.topology.probe;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether an old profile still holds, by a quick new one.
///
/// A quick profile is rough, so only clear differences count: a port that carries less than two
/// thirds or more than one and a half of what it did, other groups, and a pair within a host beyond
/// a factor of three, if it was read often enough: what a core does for a millisecond is no sign.
public final class ProfileCheck {
  private static final double PORT = 1.5;
  private static final double PAIR = 3;

  private ProfileCheck() {}

  /// Tells whether nothing has clearly changed.
  ///
  /// @param known what was measured thoroughly, some time ago
  /// @param quick what was measured quickly just now
  public static boolean holds(Profile known, Profile quick) {
    if (!known.fingerprint().equals(quick.fingerprint())
        || !known.transport().equals(quick.transport())
        || !known.places().equals(quick.places())
        || (known.network() == null) != (quick.network() == null)) {
      return false;
    }
    NetworkMap before = known.network();
    NetworkMap now = quick.network();
    boolean ports =
        before == null
            || now == null
            || (near(before.outBytesPerSecond(), now.outBytesPerSecond())
                && near(before.inBytesPerSecond(), now.inBytesPerSecond())
                && Arrays.equals(before.root().innermost(), now.root().innermost()));
    return ports && known.hosts().stream().allMatch(host -> pairsHold(known, quick, host));
  }

  private static boolean near(List<Double> before, List<Double> now) {
    for (int i = 0; i < before.size(); i++) {
      if (!near(before.get(i), now.get(i), PORT)) {
        return false;
      }
    }
    return before.size() == now.size();
  }

  private static boolean pairsHold(Profile known, Profile quick, String host) {
    return known.pairsWithin(host).stream()
        .allMatch(pair -> {
          PairProfile now = quick.pair(pair.from(), pair.to());
          return now != null && (!now.isSure() || near(pair.rate(), now.rate(), PAIR));
        });
  }

  private static boolean near(@Nullable Double before, @Nullable Double now, double factor) {
    return before != null && now != null && now <= before * factor && before <= now * factor;
  }
}
