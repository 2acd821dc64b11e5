package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.List;

/// Rounds in which disjoint pairs meet until everybody has met everybody: the circle method of
/// tournaments (Kirkman 1847). One player stays, the others move on by one place each round.
///
/// For 4 players: 0-3 1-2, then 0-2 3-1, then 0-1 2-3. With an odd number one sits out each round.
public final class RoundRobin {
  private RoundRobin() {}

  /// A meeting of two players.
  ///
  /// @param a the one
  /// @param b the other
  public record Pair(int a, int b) {}

  /// Returns the rounds: n - 1 for an even number of players, n for an odd one; none for fewer than
  /// two.
  public static List<List<Pair>> rounds(int players) {
    List<List<Pair>> rounds = new ArrayList<>();
    int even = players + (players & 1);
    for (int r = 0; r < even - 1 && players > 1; r++) {
      List<Pair> round = new ArrayList<>();
      for (int i = 0; i < even / 2; i++) {
        int a = place(i, r, even);
        int b = place(even - 1 - i, r, even);
        if (a < players && b < players) {
          round.add(new Pair(a, b));
        }
      }
      rounds.add(List.copyOf(round));
    }
    return List.copyOf(rounds);
  }

  // Player 0 stays at place 0; the others go around the remaining places.
  private static int place(int index, int round, int even) {
    return index == 0 ? 0 : 1 + (index - 1 + even - 1 - round) % (even - 1);
  }
}
