package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.collectives.schedule.VerificationReport;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class HierarchicalAllReduceTest {
  static Stream<int[]> shapes() {
    Stream<int[]> chosen =
        Stream.of(
            new int[] {0},
            new int[] {3, 3, 3},
            new int[] {0, 1},
            new int[] {0, 0, 1, 1},
            new int[] {7, 2, 7, 2, 7, 2},
            new int[] {0, 0, 0, 1},
            new int[] {0, 1, 1, 1, 2, 2},
            IntStream.range(0, 32).map(r -> r / 8).toArray());
    SplittableRandom random = new SplittableRandom(1);
    Stream<int[]> drawn =
        Stream.generate(() -> random.ints(random.nextInt(1, 20), 0, random.nextInt(1, 6)).toArray())
            .limit(40);
    return Stream.concat(chosen, drawn);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void shouldBeProvedByTheVerifier(int[] groupOf) {
    for (int pieces : new int[] {1, 2, 5}) {
      ScheduleSet set = HierarchicalAllReduce.scheduleSet(groupOf, pieces);

      VerificationReport report = ScheduleVerifier.verify(set, 0);

      String what = Arrays.toString(groupOf) + " " + pieces + ": " + report.describe();
      assertThat(report.isValid()).as(what).isTrue();
      assertThat(report.isSafeInPlace()).as(what).isTrue();
      assertThat(report.isConsistent()).as(what).isTrue();
    }
  }

  @Test
  void shouldSendTheLeastBytesBetweenGroupsWhenTheyAreEqual() {
    int[] groupOf = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    ScheduleSet set = HierarchicalAllReduce.scheduleSet(groupOf, 2);

    int[] out = new int[4]; // chunks
    for (int rank = 0; rank < groupOf.length; rank++) {
      Schedule schedule = set.schedules().get(rank);
      for (Lane lane : schedule.lanes()) {
        for (Step step : lane.steps()) {
          if (step.kind().sends() && groupOf[step.sendPeer()] != groupOf[rank]) {
            out[groupOf[rank]]++;
          }
        }
      }
    }

    assertThat(out).containsOnly(2 * 3 * set.partition().chunks() / 4);
  }

  @Test
  void shouldRefuseNonsense() {
    assertThatThrownBy(() -> HierarchicalAllReduce.scheduleSet(new int[0], 1))
        .hasMessage("hierarchical needs at least one rank and one piece, got 0 and 1");
    assertThatThrownBy(() -> HierarchicalAllReduce.scheduleSet(new int[2], 0))
        .hasMessageContaining("got 2 and 0");
  }
}
