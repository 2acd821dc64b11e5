package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.StepKind;
import org.junit.jupiter.api.Test;

/// The registry, the argument checks and the derived dependencies.
final class AlgorithmsTest {
  @Test
  void shouldFindEveryAlgorithmByName() {
    assertThat(Algorithms.all()).extracting(Algorithm::name).doesNotHaveDuplicates();
    for (Algorithm algorithm : Algorithms.all()) {
      assertThat(Algorithms.named(algorithm.name())).isSameAs(algorithm);
    }
  }

  @Test
  void shouldListAndSuggestKnownNames() {
    assertThatThrownBy(() -> Algorithms.named("recursive_dubling"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no algorithm named 'recursive_dubling', did you mean 'recursive-doubling'?; known:"
                + " flat, direct, ring, recursive-doubling, halving-doubling, binomial-tree,"
                + " double-binary-tree, two-rings, edge-disjoint-rings, pairwise, bruck,"
                + " dissemination");
    assertThatThrownBy(() -> Algorithms.named("quantum"))
        .hasMessageStartingWith("no algorithm named 'quantum'; known: flat, ");
  }

  @Test
  void shouldTellWhatSupportsACollective() {
    assertThat(Algorithms.supporting(Collective.BARRIER, 5))
        .extracting(Algorithm::name)
        .containsExactly("flat", "dissemination");
    assertThat(Algorithms.supporting(Collective.ALL_REDUCE, 5)).hasSize(9);
    assertThat(Algorithms.supporting(Collective.ALL_REDUCE, 0)).isEmpty();
  }

  @Test
  void shouldRejectBadArguments() {
    Algorithm ring = Algorithms.named("ring");

    assertThatThrownBy(() -> ring.schedule(Collective.BARRIER, 4, 0, 0, 1))
        .hasMessage("algorithm ring does not support barrier");
    assertThatThrownBy(() -> ring.schedule(Collective.ALL_REDUCE, 4, 4, 0, 1))
        .hasMessage("rank 4 is outside a world of 4 ranks");
    assertThatThrownBy(() -> ring.schedule(Collective.BROADCAST, 4, 0, -1, 1))
        .hasMessage("root -1 is outside a world of 4 ranks");
    assertThatThrownBy(() -> ring.schedule(Collective.ALL_REDUCE, 4, 0, 0, 0))
        .hasMessage("pieces is 0, expected at least 1");
    assertThatThrownBy(() -> ring.schedule(Collective.ALL_REDUCE, 0, 0, 0, 1))
        .hasMessage("ranks is 0, expected at least 1");
  }

  @Test
  void shouldCopyInAWorldOfOneRank() {
    for (Algorithm algorithm : Algorithms.supporting(Collective.ALL_REDUCE, 1)) {
      var lanes = algorithm.schedule(Collective.ALL_REDUCE, 1, 0, 0, 3).lanes();

      assertThat(lanes).hasSize(1);
      assertThat(lanes.get(0).steps()).hasSize(1);
      assertThat(lanes.get(0).steps().get(0).kind()).isEqualTo(StepKind.COPY);
    }
  }

  @Test
  void shouldRefuseToReadInputThatIsOverwrittenInPlace() {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, 2, 0, 0, Partition.even(1));
    steps.recv(0, Operand.output(0), 1);

    assertThatThrownBy(() -> steps.send(1, Operand.input(0), 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldOrderConflictingStepsOfDifferentLanesOnly() {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, 2, 0, 0, Partition.even(2));
    steps.send(0, Operand.input(0), 1);
    steps.send(0, Operand.input(0), 1);
    steps.copy(1, Operand.input(0), Operand.output(0));
    steps.recvReduce(1, Operand.output(0), Operand.output(0), 1);
    steps.recv(1, Operand.output(1), 1);

    var lane = steps.build().lanes().get(1).steps();

    assertThat(lane.get(0).after()).isEmpty();
    assertThat(lane.get(1).after())
        .singleElement()
        .satisfies(d -> {
          assertThat(d.lane()).isZero();
          assertThat(d.step()).isEqualTo(1);
        });
    assertThat(lane.get(2).after()).isEmpty();
  }
}
