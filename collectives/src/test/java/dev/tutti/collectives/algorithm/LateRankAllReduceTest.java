package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LateRankAllReduceTest {
  private static final int LANES = 64;

  @Test
  void shouldBeProvedForEveryNumberOfRanks() {
    SplittableRandom random = new SplittableRandom(1);
    IntStream.concat(IntStream.rangeClosed(3, 33), IntStream.of(64))
        .forEach(ranks -> {
          int late = random.nextInt(ranks);
          int pieces = 1 + random.nextInt(ranks > 16 ? 2 : 4);
          int lanes = 3 << random.nextInt(6);
          ScheduleSet set = LateRankAllReduce.scheduleSet(ranks, late, pieces, lanes);
          String what = ranks + " ranks, late " + late + " pieces " + pieces + " lanes " + lanes;

          ScheduleProof.prove(set, what);
          assertThat(ScheduleProof.lanes(set)).as(what).isLessThanOrEqualTo(lanes);
        });
  }

  @Test
  void shouldBeProvedForEveryLateRank() {
    for (int late = 0; late < 8; late++) {
      ScheduleProof.prove(LateRankAllReduce.scheduleSet(8, late, 2, LANES), "late " + late);
    }
  }

  @Test
  void shouldGiveTheRightResults() {
    for (int ranks = 3; ranks < 10; ranks++) {
      ScheduleSet set = LateRankAllReduce.scheduleSet(ranks, ranks / 2, 2, 16);

      ScheduleProof.run(set, ranks + " ranks", 0, 1, 101);
    }
  }

  /// Every rank gives the vector once after the arrival: the late one alone, an early one its share
  /// of what went before besides.
  @Test
  void shouldLoadThePortsAsPromised() {
    int ranks = 8;
    double early = ranks - 1;
    double[] rates = new double[ranks];
    Arrays.fill(rates, 1);
    ScheduleSet set = LateRankAllReduce.scheduleSet(ranks, 5, 4, LANES);

    double[] sent =
        Arrays.stream(ScheduleProof.traffic(set))
            .mapToDouble(to -> Arrays.stream(to).sum())
            .toArray();

    assertThat(sent[5]).isCloseTo(1, offset(1e-6));
    assertThat(sent[0]).isCloseTo((2 * early - 1) / early, offset(1e-6));
    assertThat(ScheduleProof.busiestPort(set, rates))
        .isCloseTo((2 * early - 1) / early, offset(1e-6));
  }

  /// Lets every rank but the late one run as far as it can without it.
  @Test
  void shouldReduceScatterAmongTheEarlyWithoutTheLateRank() {
    int ranks = 6;
    int late = 2;
    int pieces = 3;
    ScheduleSet set = LateRankAllReduce.scheduleSet(ranks, late, pieces, 9);

    Progress progress = new Progress(set, late);
    progress.run();

    for (Schedule schedule : set.schedules()) {
      if (schedule.rank() != late) {
        int sums =
            (int)
                schedule.lanes().stream()
                    .flatMap(lane -> lane.steps().stream())
                    .filter(step -> step.receivePeer() == late)
                    .count();
        assertThat(sums).as("chunks that rank %d owns", schedule.rank()).isEqualTo(pieces);
        for (int lane = 0; lane < 3; lane++) { // the first group of lanes
          assertThat(progress.done[schedule.rank()][lane])
              .as("rank %d lane %d", schedule.rank(), lane)
              .isEqualTo(schedule.lanes().get(lane).steps().size());
        }
      }
    }
  }

  @Test
  void shouldRefuseNonsense() {
    assertThatThrownBy(() -> LateRankAllReduce.scheduleSet(2, 0, 1, 3))
        .hasMessage("late-rank needs at least 3 ranks, got 2");
    assertThatThrownBy(() -> LateRankAllReduce.scheduleSet(4, 4, 1, 3))
        .hasMessage("the late rank is 4, expected 0 to 3");
    assertThatThrownBy(() -> LateRankAllReduce.scheduleSet(4, 0, 0, 2))
        .hasMessage("late-rank needs at least one piece and 3 lanes, got 0 and 2");
  }

  /// Runs steps whose messages and dependencies allow it; a message is sent and received at once.
  private static final class Progress {
    private final ScheduleSet set;
    private final int absent;
    private final int[][] done; // steps by rank and lane

    Progress(ScheduleSet set, int absent) {
      this.set = set;
      this.absent = absent;
      this.done =
          set.schedules().stream().map(s -> new int[s.lanes().size()]).toArray(int[][]::new);
    }

    /// A step counts as done once the one that it receives from can be, and the one that it sends
    /// to has come to it: fused steps of a whole ring are so one event.
    void run() {
      boolean moved = true;
      while (moved) {
        moved = false;
        for (int chunkLane = 0;
            chunkLane < set.schedules().getFirst().lanes().size();
            chunkLane++) {
          moved |= advance(chunkLane);
        }
      }
    }

    /// Completes the current step of a lane on all early ranks if each of them can go.
    private boolean advance(int lane) {
      for (Schedule schedule : set.schedules()) {
        if (schedule.rank() != absent && !canGo(schedule, lane)) {
          return false;
        }
      }
      for (Schedule schedule : set.schedules()) {
        if (schedule.rank() != absent) {
          done[schedule.rank()][lane]++;
        }
      }
      return true;
    }

    private boolean canGo(Schedule schedule, int number) {
      if (number >= schedule.lanes().size()) {
        return false;
      }
      Lane lane = schedule.lanes().get(number);
      int at = done[schedule.rank()][number];
      if (at == lane.steps().size()) {
        return false;
      }
      Step step = lane.steps().get(at);
      boolean alone = !step.kind().receives() || step.receivePeer() != absent;
      return alone
          && (!step.kind().sends() || step.sendPeer() != absent)
          && isReady(schedule, step);
    }

    private boolean isReady(Schedule schedule, Step step) {
      for (Dependency dependency : step.after()) {
        if (done[schedule.rank()][dependency.lane()] <= dependency.step()) {
          return false;
        }
      }
      return true;
    }
  }
}
