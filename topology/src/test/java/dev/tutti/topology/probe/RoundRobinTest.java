package dev.tutti.topology.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RoundRobinTest {
  @Test
  void shouldLetEverybodyMeetEverybodyOnce() {
    for (int players = 2; players <= 33; players++) {
      List<List<RoundRobin.Pair>> rounds = RoundRobin.rounds(players);

      Set<Set<Integer>> met = new HashSet<>();
      for (List<RoundRobin.Pair> round : rounds) {
        Set<Integer> busy = new HashSet<>();
        for (RoundRobin.Pair pair : round) {
          assertThat(busy.add(pair.a()) && busy.add(pair.b())).isTrue();
          assertThat(met.add(Set.of(pair.a(), pair.b()))).isTrue();
        }
      }
      assertThat(rounds).hasSize(players % 2 == 0 ? players - 1 : players);
      assertThat(met).hasSize(players * (players - 1) / 2);
    }
  }

  @Test
  void shouldHaveNoRoundsForOne() {
    assertThat(RoundRobin.rounds(1)).isEmpty();
    assertThat(RoundRobin.rounds(0)).isEmpty();
  }
}
