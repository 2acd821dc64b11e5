package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Plays the collectives by hand on int32 and looks whether right results pass and planted errors
/// are counted.
final class DataCheckTest {
  private static final int RANKS = 3;
  private static final int COUNT = 1000;
  private static final int ROOT = 1;

  private final Arena arena = Arena.ofConfined();
  private final List<DataCheck> checks = new ArrayList<>();
  private final List<Operands> operands = new ArrayList<>();

  @AfterEach
  void close() {
    checks.forEach(DataCheck::close);
    arena.close();
  }

  @ParameterizedTest
  @CsvSource({
    "ALL_REDUCE, OUT_OF_PLACE",
    "ALL_REDUCE, IN_PLACE",
    "REDUCE_SCATTER, OUT_OF_PLACE",
    "REDUCE_SCATTER, IN_PLACE",
    "ALL_GATHER, OUT_OF_PLACE",
    "ALL_GATHER, IN_PLACE",
    "BROADCAST, OUT_OF_PLACE",
    "BROADCAST, IN_PLACE",
    "REDUCE, OUT_OF_PLACE",
    "REDUCE, IN_PLACE",
    "GATHER, OUT_OF_PLACE",
    "GATHER, IN_PLACE",
    "SCATTER, OUT_OF_PLACE",
    "SCATTER, IN_PLACE",
    "ALL_TO_ALL, OUT_OF_PLACE",
    "ALL_TO_ALL, IN_PLACE",
    "ALL_TO_ALL_V, OUT_OF_PLACE",
    "ALL_TO_ALL_V, IN_PLACE",
    "SCAN, OUT_OF_PLACE",
    "SCAN, IN_PLACE",
    "SEND_RECV, OUT_OF_PLACE",
    "SEND_RECV, IN_PLACE",
    "SEND_STREAM, OUT_OF_PLACE",
    "SEND_STREAM, IN_PLACE",
    "PUT, OUT_OF_PLACE",
    "GET, OUT_OF_PLACE",
    "ACCUMULATE, OUT_OF_PLACE",
    "PUT_STREAM, OUT_OF_PLACE"
  })
  void shouldAcceptRightResultsAndCountWrongElements(
      BenchCollective collective, Placement placement) {
    prepare(collective, placement);
    boolean onlyOne =
        switch (collective) {
          case SEND_STREAM, REDUCE, GATHER, PUT, ACCUMULATE, PUT_STREAM -> true;
          default -> false;
        };
    int receiver = onlyOne || collective == BenchCollective.SCAN ? 1 : 0;
    long untouched = wrong(receiver, placement);
    run(collective);
    long right = wrong(0, placement) + wrong(1, placement) + wrong(2, placement);
    int spoiled = collective == BenchCollective.GET ? 0 : 1;
    plant(spoiled, 0);
    plant(spoiled, 777);
    long planted = wrong(0, placement) + wrong(1, placement) + wrong(2, placement);

    assertThat(right).isZero();
    assertThat(planted).isEqualTo(2);
    boolean rootInPlace =
        collective == BenchCollective.SEND_RECV && placement == Placement.IN_PLACE;
    if (!rootInPlace) {
      assertThat(untouched).as("before the operation").isGreaterThan(COUNT / 3);
    }
  }

  private void prepare(BenchCollective collective, Placement placement) {
    for (int rank = 0; rank < RANKS; rank++) {
      MemorySegment send = arena.allocate(8L * RANKS * COUNT, 64);
      MemorySegment recv = arena.allocate(8L * RANKS * COUNT, 64);
      operands.add(Operands.of(collective, COUNT, 4, RANKS, rank, placement, send, recv));
      checks.add(new DataCheck(collective, DataType.INT32, ReduceOp.SUM, RANKS, rank, ROOT));
      checks.get(rank).fill(operands.get(rank), placement);
    }
  }

  private long wrong(int rank, Placement placement) {
    return checks.get(rank).wrong(operands.get(rank), placement);
  }

  private void plant(int rank, int index) {
    MemorySegment recv = operands.get(rank).recv();
    int value = recv.getAtIndex(ValueLayout.JAVA_INT, index);
    recv.setAtIndex(ValueLayout.JAVA_INT, index, value ^ 1);
  }

  private void run(BenchCollective collective) {
    List<int[]> inputs =
        operands.stream().map(o -> o.send().toArray(ValueLayout.JAVA_INT)).toList();
    for (int rank = 0; rank < RANKS; rank++) {
      MemorySegment recv = operands.get(rank).recv();
      long length = recv.byteSize() / 4;
      for (int i = 0; i < length; i++) {
        int value =
            switch (collective) {
              case ALL_REDUCE -> sum(inputs, i);
              case REDUCE_SCATTER -> sum(inputs, rank * COUNT + i);
              case ALL_GATHER -> inputs.get(i / COUNT)[i % COUNT];
              case BROADCAST -> inputs.get(ROOT)[i];
              case SEND_RECV -> inputs.get(rank > 1 ? rank : 1 - rank)[i];
              case SEND_STREAM, PUT, PUT_STREAM -> inputs.get(rank == 1 ? 0 : rank)[i];
              case GET -> inputs.get(1)[i];
              case ACCUMULATE -> inputs.get(0)[i] + inputs.get(1)[i];
              case REDUCE -> sum(inputs, i % inputs.get(0).length);
              case GATHER -> inputs.get(i / COUNT)[i % COUNT];
              case SCATTER -> inputs.get(ROOT)[rank * COUNT + i];
              case ALL_TO_ALL -> inputs.get(i / COUNT)[rank * COUNT + i % COUNT];
              case ALL_TO_ALL_V -> exchanged(inputs, rank, i);
              case SCAN -> sum(inputs.subList(0, rank + 1), i);
              case BARRIER -> 0;
            };
        recv.setAtIndex(ValueLayout.JAVA_INT, i, value);
      }
    }
    boolean echoes =
        collective == BenchCollective.SEND_RECV
            && operands.get(1).send().address() == operands.get(1).recv().address();
    if (echoes) { // rank 1 sends back what it has received
      operands.get(0).recv().copyFrom(operands.get(1).recv());
    }
  }

  /// On 3 ranks the parts of rank 0 have 1, 2, 3 times COUNT elements, those of rank 1 2, 3, 1 and
  /// those of rank 2 3, 1, 2.
  private static int exchanged(List<int[]> inputs, int rank, int index) {
    int[][] parts = {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}};
    int rest = index;
    for (int from = 0; ; from++) {
      int length = parts[from][rank] * COUNT;
      if (rest < length) {
        int start = 0;
        for (int to = 0; to < rank; to++) {
          start += parts[from][to] * COUNT;
        }
        return inputs.get(from)[start + rest];
      }
      rest -= length;
    }
  }

  private static int sum(List<int[]> inputs, int index) {
    return inputs.stream().mapToInt(input -> input[index]).sum();
  }
}
