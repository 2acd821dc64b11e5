package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.HostTurns.Turn;
import dev.tutti.topology.probe.Flow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostTurnsTest {
  @ParameterizedTest
  @CsvSource({"2, 1, 1", "3, 4, 3", "8, 2, 28", "8, 4, 14", "8, 8, 7", "8, 64, 7", "9, 4, 18"})
  void shouldLetEveryPairMeetOnceOnCoresOfItsOwn(int ranks, int cores, int turns) {
    List<Integer> numbers = IntStream.range(0, ranks).mapToObj(i -> 10 + 3 * i).toList();

    List<Turn> made = HostTurns.of(numbers, cores);

    assertThat(made).hasSize(turns);
    List<Flow> flows = new ArrayList<>();
    for (Turn turn : made) {
      assertThat(turn.flows()).hasSizeLessThanOrEqualTo(Math.max(2, cores / 2 * 2));
      assertThat(turn.flows()).extracting(Flow::from).doesNotHaveDuplicates();
      turn.flows().forEach(f -> assertThat(turn.peerOf(f.from())).isEqualTo(f.to()));
      flows.addAll(turn.flows());
    }
    assertThat(flows).doesNotHaveDuplicates().hasSize(ranks * (ranks - 1));
  }

  @Test
  void shouldMeasureOnceInEachRoundOnly() {
    Set<String> seen = new HashSet<>();

    for (Turn turn : HostTurns.of(List.of(0, 1, 2, 3, 4, 5), 2)) {
      turn.flows().forEach(f -> assertThat(seen.add(turn.round() + " " + f.from())).isTrue());
      assertThat(turn.peerOf(6)).isEqualTo(-1);
    }
  }
}
