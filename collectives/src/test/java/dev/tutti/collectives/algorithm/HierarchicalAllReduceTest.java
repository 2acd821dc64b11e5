package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

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
import org.junit.jupiter.params.provider.ValueSource;

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

  /// Random groups in groups.
  private static int[][] levels(SplittableRandom random) {
    int[][] groupOf = new int[1 + random.nextInt(3)][];
    groupOf[0] = random.ints(random.nextInt(1, 34), 0, random.nextInt(1, 9)).toArray();
    for (int level = 1; level < groupOf.length; level++) {
      int[] outer = random.ints(9, 0, random.nextInt(1, 5)).toArray();
      groupOf[level] = IntStream.of(groupOf[level - 1]).map(inner -> outer[inner]).toArray();
    }
    return groupOf;
  }

  @Test
  void shouldBeProvedForGroupsInGroups() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 60; i++) {
      int[][] groupOf = levels(random);

      ScheduleSet set = HierarchicalAllReduce.scheduleSet(groupOf, 1 + random.nextInt(3));

      ScheduleProof.prove(set, Arrays.deepToString(groupOf));
      assertThat(ScheduleProof.lanes(set)).isLessThanOrEqualTo(64);
    }
  }

  @Test
  void shouldGiveTheRightResultsForGroupsInGroups() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 12; i++) {
      int[][] groupOf = levels(random);

      ScheduleSet set = HierarchicalAllReduce.scheduleSet(groupOf, 2);

      ScheduleProof.run(set, Arrays.deepToString(groupOf), 0, 1, 97);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 127, 512})
  void shouldBeProvedForManyRanksInThreeLevels(int ranks) {
    int[][] groupOf = {
      IntStream.range(0, ranks).map(r -> r / 8).toArray(),
      IntStream.range(0, ranks).map(r -> r / 32).toArray()
    };

    ScheduleProof.prove(HierarchicalAllReduce.scheduleSet(groupOf, 1), ranks + " ranks");
  }

  /// Returns what part of the vector crosses the border of each group at most, in and out.
  private static double busiestBorder(ScheduleSet set, int[] groupOf) {
    double[][] traffic = ScheduleProof.traffic(set);
    double busiest = 0;
    for (int group : groupOf) {
      double in = 0;
      double out = 0;
      for (int a = 0; a < groupOf.length; a++) {
        for (int b = 0; b < groupOf.length; b++) {
          in += groupOf[a] != group && groupOf[b] == group ? traffic[a][b] : 0;
          out += groupOf[a] == group && groupOf[b] != group ? traffic[a][b] : 0;
        }
      }
      busiest = Math.max(busiest, Math.max(in, out));
    }
    return busiest;
  }

  @Test
  void shouldCrossEveryBorderWithTheLeastBytesHoweverUnequalTheGroups() {
    int[] groupOf = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2};

    ScheduleSet set = HierarchicalAllReduce.scheduleSet(groupOf, 1);

    assertThat(busiestBorder(set, groupOf)).isCloseTo(2.0 * 2 / 3, offset(1e-4));
  }

  @Test
  void shouldCrossTheBorderOfTwoIslandsWithOneVector() {
    int[] groupOf = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1};

    assertThat(busiestBorder(HierarchicalAllReduce.scheduleSet(groupOf, 1), groupOf))
        .isCloseTo(1, offset(1e-4));
  }

  @Test
  void shouldCrossEveryBorderWithTheLeastBytesInThreeLevels() {
    int[] hosts = IntStream.range(0, 24).map(r -> r / 4).toArray();
    int[] racks = IntStream.range(0, 24).map(r -> r / 12).toArray();

    ScheduleSet set = HierarchicalAllReduce.scheduleSet(new int[][] {hosts, racks}, 1);

    assertThat(busiestBorder(set, racks)).isCloseTo(1, offset(1e-4));
    assertThat(busiestBorder(set, hosts)).isCloseTo(2.0 * 5 / 6, offset(1e-4));
  }

  @Test
  void shouldLetEveryMemberOfAGroupOwnTheSame() {
    int[] groupOf = {0, 0, 0, 1, 1, 1, 1, 1};
    double[][] traffic = ScheduleProof.traffic(HierarchicalAllReduce.scheduleSet(groupOf, 1));

    for (int rank = 0; rank < groupOf.length; rank++) {
      double across = 0;
      for (int other = 0; other < groupOf.length; other++) {
        across += groupOf[other] != groupOf[rank] ? traffic[rank][other] : 0;
      }
      assertThat(across)
          .as("rank %d", rank)
          .isCloseTo(groupOf[rank] == 0 ? 1.0 / 3 : 1.0 / 5, offset(1e-4));
    }
  }

  @Test
  void shouldRefuseGroupsThatAreNotNested() {
    int[][] groupOf = {{0, 0, 1, 1}, {0, 1, 1, 1}};

    assertThatThrownBy(() -> HierarchicalAllReduce.scheduleSet(groupOf, 1))
        .hasMessage("group 0 of level 0 lies in groups 0 and 1 of level 1, expected one");
    assertThatThrownBy(() -> HierarchicalAllReduce.scheduleSet(new int[][] {{0, 1}, {0}}, 1))
        .hasMessage("level 1 of the groups has 1 ranks, level 0 2");
  }

  @Test
  void shouldRefuseNonsense() {
    assertThatThrownBy(() -> HierarchicalAllReduce.scheduleSet(new int[0], 1))
        .hasMessage("hierarchical needs at least one rank and one piece, got 0 and 1");
    assertThatThrownBy(() -> HierarchicalAllReduce.scheduleSet(new int[2], 0))
        .hasMessageContaining("got 2 and 0");
  }
}
