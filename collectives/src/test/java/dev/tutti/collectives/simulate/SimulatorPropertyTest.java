package dev.tutti.collectives.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Movement;
import dev.tutti.topology.bound.Optimum;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What holds for every algorithm on every topology.
final class SimulatorPropertyTest {
  private static final long SIZE = 10_000_019;

  private static List<Topology> topologies() {
    List<Topology> result = new ArrayList<>();
    Random random = new Random(1);
    for (int n : new int[] {2, 3, 5, 8}) {
      double[] rates = random.doubles(n, 1e8, 2e9).toArray();
      result.add(Stars.ofRates(rates));
    }
    result.add(Presets.byName("ethernet-racks").make(new PresetOptions(9, 3, 4, 0)));
    result.add(Presets.byName("hgx-a100").make(PresetOptions.ofHosts(2)));
    result.add(Presets.byName("dgx-1").make(PresetOptions.ofHosts(1)));
    return result;
  }

  @Test
  void shouldNeverBeatTheOptimum() {
    int compared = 0;
    for (Topology topology : topologies()) {
      int n = topology.ranks().size();
      for (Movement movement :
          List.of(Movement.ALL_GATHER, Movement.REDUCE_SCATTER, Movement.ALL_REDUCE)) {
        Optimum optimum = Optimum.of(topology, movement);
        Collective collective = Collective.valueOf(movement.name());
        for (Algorithm algorithm : Algorithms.supporting(collective, n)) {
          ScheduleSet set = algorithm.scheduleSet(collective, n, 0, 4);
          double seconds =
              new Simulator(topology, Stars.linksOnly())
                  .predict(ScheduleSource.of(set), SIZE)
                  .seconds();

          assertThat(seconds)
              .as("%s of %s on %s", algorithm.name(), collective, topology)
              .isGreaterThan(optimum.seconds(SIZE) * (1 - 1e-6));
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(30);
  }

  @Test
  void shouldCarryEveryByteOnceAndGiveTheSameTwice() {
    for (Topology topology : topologies()) {
      int n = topology.ranks().size();
      for (Collective collective : Collective.values()) {
        for (Algorithm algorithm : Algorithms.supporting(collective, n)) {
          ScheduleSet set = algorithm.scheduleSet(collective, n, n - 1, 3);
          SimulationOptions options = SimulationOptions.ofProcesses().withSliceBytes(100_000);
          ScheduleSource source = ScheduleSource.of(set);

          Prediction first = new Simulator(topology, options).predict(source, SIZE);
          Prediction second = new Simulator(topology, options).predict(source, SIZE);

          String where = algorithm.name() + " " + collective + " on " + topology;
          assertThat(second).as(where).isEqualTo(first);
          assertThat(first.messageBytes()).as(where).isCloseTo(bytes(set), within(1.0));
        }
      }
    }
  }

  private static double bytes(ScheduleSet set) {
    if (set.collective() == Collective.BARRIER) {
      return 0;
    }
    double total = 0;
    for (int c = 0; c < set.partition().chunks(); c++) {
      total += set.partition().weight(c);
    }
    double bytes = 0;
    for (Schedule schedule : set.schedules()) {
      for (Lane lane : schedule.lanes()) {
        for (Step step : lane.steps()) {
          if (step.kind().sends()) {
            int chunk = step.shape().index() % set.partition().chunks();
            bytes += SIZE * set.partition().weight(chunk) / total;
          }
        }
      }
    }
    return bytes;
  }
}
