package dev.tutti.collectives.execute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.execute.BlockLayout.Side;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.transport.inproc.InprocDomain;
import org.junit.jupiter.api.Test;

/// Addresses and lengths of operands, also where counts exceed 32 bits.
final class OperandPlacesTest {
  private static final long HUGE = 3_000_000_000L; // elements
  private static final long SEND = 1L << 50;
  private static final long RECEIVE = 1L << 55;
  private static final int RANKS = 5;
  private static final int RANK = 3;

  private static OperandPlaces places(String algorithm, Collective collective) {
    Schedule schedule = Algorithms.named(algorithm).schedule(collective, RANKS, RANK, RANK, 1);
    return new OperandPlaces(
        schedule, new ScratchMemory(InprocDomain.create(1, InprocDomain.Sharing.ALL).get(0)));
  }

  @Test
  void shouldPlaceHugeBlocksOfAllToAll() {
    OperandPlaces places = places("pairwise", Collective.ALL_TO_ALL);
    places.place(SEND, RECEIVE, HUGE, 8);

    int toFour = places.of(Operand.input(RANK * RANKS + 4));
    int fromTwo = places.of(Operand.output(2 * RANKS + RANK));
    assertThat(places.length(toFour)).isEqualTo(HUGE);
    assertThat(places.address(toFour)).isEqualTo(SEND + 4 * HUGE * 8);
    assertThat(places.length(fromTwo)).isEqualTo(HUGE);
    assertThat(places.address(fromTwo)).isEqualTo(RECEIVE + 2 * HUGE * 8);
  }

  @Test
  void shouldPlaceHugeBlocksOfGathers() {
    OperandPlaces gather = places("flat", Collective.GATHER);
    gather.place(SEND, RECEIVE, HUGE, 8);
    OperandPlaces allGather = places("ring", Collective.ALL_GATHER);
    allGather.place(SEND, RECEIVE, HUGE, 8);

    assertThat(gather.address(gather.of(Operand.input(RANK)))).isEqualTo(SEND);
    assertThat(gather.address(gather.of(Operand.output(4)))).isEqualTo(RECEIVE + 4 * HUGE * 8);
    assertThat(allGather.address(allGather.of(Operand.output(1)))).isEqualTo(RECEIVE + HUGE * 8);
  }

  @Test
  void shouldPlaceChunksOfHugeVectors() {
    OperandPlaces places = places("ring", Collective.ALL_REDUCE);
    places.place(SEND, RECEIVE, HUGE + 3, 4);

    int last = places.of(Operand.output(4));
    long start = (HUGE + 3) * 4 / 5;
    assertThat(places.address(last)).isEqualTo(RECEIVE + start * 4);
    assertThat(places.length(last)).isEqualTo(HUGE + 3 - start);
  }

  @Test
  void shouldPlaceUnevenBlocksByCountsAndDisplacements() {
    OperandPlaces places = places("flat", Collective.ALL_TO_ALL);
    Side sends = new Side(new long[] {1, 2, HUGE, 4, 0}, new long[] {9, 7, 10, 0, 4});
    Side receives = Side.packed(new long[] {HUGE, HUGE, 5, 4, 6});
    places.place(SEND, RECEIVE, new BlockLayout(sends, receives, 0), 8);

    int toTwo = places.of(Operand.input(RANK * RANKS + 2));
    int fromFour = places.of(Operand.output(4 * RANKS + RANK));
    assertThat(places.length(toTwo)).isEqualTo(HUGE);
    assertThat(places.address(toTwo)).isEqualTo(SEND + 10 * 8);
    assertThat(places.length(fromFour)).isEqualTo(6);
    assertThat(places.address(fromFour)).isEqualTo(RECEIVE + (2 * HUGE + 9) * 8);
  }
}
