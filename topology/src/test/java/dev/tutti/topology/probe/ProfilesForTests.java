package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.List;

/// Profiles to test with: two racks of two hosts behind a trunk, and one slow port.
final class ProfilesForTests {
  private static final double PORT = 119e6;
  private static final double TRUNK = 24e6;

  private ProfilesForTests() {}

  /// Four hosts with one rank each; host 3 sends slowly.
  static Profile racks() {
    List<RankPlace> places = new ArrayList<>();
    List<PairProfile> pairs = new ArrayList<>();
    for (int r = 0; r < 4; r++) {
      places.add(new RankPlace(r, "host" + r, List.of("eth0"), List.of("10.0.0." + r)));
      for (int to = 0; to < 4; to++) {
        if (to != r) {
          double rate = r / 2 == to / 2 ? (r == 3 ? PORT / 10 : PORT) : TRUNK / 2;
          pairs.add(new PairProfile(r, to, estimate(50e-6), estimate(rate), null));
        }
      }
    }
    NetworkGroup left = new NetworkGroup(List.of(0, 1), List.of(), TRUNK, TRUNK);
    NetworkGroup right = new NetworkGroup(List.of(2, 3), List.of(), TRUNK, null);
    NetworkMap map =
        new NetworkMap(
            List.of(PORT, PORT, PORT, PORT / 10),
            List.of(PORT, PORT, PORT, PORT),
            NetworkGroup.around(List.of(left, right)),
            7,
            List.of(new NetworkMap.Observation(0, new Flow(0, 1), PORT)));
    return new Profile("abc", "tcp", places, List.of(0, 1, 2, 3), pairs, map, 0.25);
  }

  static Estimate estimate(double value) {
    return new Estimate(value, value * 0.9, value * 1.1, 12);
  }
}
