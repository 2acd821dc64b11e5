package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Reduce, the scans and reduce-scatter-v of every type and operator give the bits that an
/// all-reduce of the same ranks gives: their sums are the same trees.
final class ReductionOperatorsTest {
  private static final int RANKS = 4;
  private static final long COUNT = 77;

  static Stream<DataType> types() {
    return Stream.of(DataType.values());
  }

  @ParameterizedTest
  @MethodSource("types")
  void shouldGiveTheBitsOfAnAllReduce(DataType type) {
    CommunicatorConfig config = CommunicatorConfig.builder().algorithm("flat").build();
    try (World world = World.threads(RANKS, config)) {
      world.run(c -> {
        try (Communicator firstThree = c.split(c.rank() < 3 ? 0 : 1, c.rank());
            Arena arena = Arena.ofConfined()) {
          for (ReduceOp op : operators(type)) {
            reduce(c, arena, type, op);
            if (op != ReduceOp.AVG) {
              scans(c, firstThree, arena, type, op);
            }
          }
        }
      });
    }
  }

  private static List<ReduceOp> operators(DataType type) {
    return Arrays.stream(ReduceOp.values())
        .filter(op -> op != ReduceOp.PRE_MUL_SUM || type.isFloatingPoint())
        .toList();
  }

  /// Bytes that are no NaN in any type.
  private static MemorySegment data(Arena arena, DataType type, int rank) {
    MemorySegment data = arena.allocate(COUNT * type.bytes(), 64);
    for (long i = 0; i < data.byteSize(); i++) {
      data.set(JAVA_BYTE, i, (byte) (0x30 + (7 * i + rank) % 12));
    }
    return data;
  }

  private static void reduce(Communicator c, Arena arena, DataType type, ReduceOp op) {
    MemorySegment all = arena.allocate(COUNT * type.bytes(), 64);
    MemorySegment one = arena.allocate(COUNT * type.bytes(), 64);
    MemorySegment mine = arena.allocate(COUNT * type.bytes(), 64);
    long[] counts = {70, 0, 6, 1};
    long start = Arrays.stream(counts, 0, c.rank()).sum() * type.bytes();

    c.allReduce(data(arena, type, c.rank()), all, COUNT, type, op);
    c.reduce(data(arena, type, c.rank()), one, COUNT, type, op, 2);
    c.reduceScatterV(data(arena, type, c.rank()), mine, counts, type, op);

    if (c.rank() == 2) {
      assertSame("reduce " + type + " " + op, one, all);
    }
    long bytes = counts[c.rank()] * type.bytes();
    if (type.bytes() > 2 || !type.isFloatingPoint()) { // the interpreter rounds at every step
      assertSame(
          "reduce-scatter-v " + type + " " + op, mine.asSlice(0, bytes), all.asSlice(start, bytes));
    }
  }

  private static void scans(
      Communicator c, Communicator firstThree, Arena arena, DataType type, ReduceOp op) {
    MemorySegment all = arena.allocate(COUNT * type.bytes(), 64);
    MemorySegment three = arena.allocate(COUNT * type.bytes(), 64);
    MemorySegment scanned = arena.allocate(COUNT * type.bytes(), 64);
    MemorySegment below = arena.allocate(COUNT * type.bytes(), 64);

    c.allReduce(data(arena, type, c.rank()), all, COUNT, type, op);
    firstThree.allReduce(data(arena, type, c.rank()), three, COUNT, type, op);
    c.scan(data(arena, type, c.rank()), scanned, COUNT, type, op);
    c.exclusiveScan(data(arena, type, c.rank()), below, COUNT, type, op);
    c.broadcast(three, three, COUNT, type, 0);

    if (c.rank() == 0) {
      assertSame("scan " + type + " " + op, scanned, data(arena, type, 0));
    } else if (c.rank() == 2) {
      assertSame("scan " + type + " " + op, scanned, three);
    } else if (c.rank() == 3) {
      assertSame("scan " + type + " " + op, scanned, all);
      assertSame("exclusive scan " + type + " " + op, below, three);
    }
  }

  private static void assertSame(String what, MemorySegment actual, MemorySegment expected) {
    assertThat(actual.mismatch(expected)).as(what).isEqualTo(-1);
  }
}
