package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Fills one rank's buffers with test data and compares the result of an operation element by
/// element.
final class DataCheck implements AutoCloseable {
  private static final byte POISON = (byte) 0xA5;

  private final Arena arena = Arena.ofConfined();
  private final BenchCollective collective;
  private final DataType type;
  private final int ranks;
  private final int rank;
  private final int root;
  private final TestPattern[]
      contributions; // by rank; this rank's only where no others are compared
  private final @Nullable TestPattern reduction; // what this rank's result is

  /// Makes the test data of one rank.
  ///
  /// @param op the operator, ignored by collectives that do not reduce
  DataCheck(BenchCollective collective, DataType type, ReduceOp op, int ranks, int rank, int root) {
    this.collective = collective;
    this.type = type;
    this.ranks = ranks;
    this.rank = rank;
    this.root = root;
    ExactValues values = new ExactValues(type, collective.reduces() ? op : null, ranks);
    this.contributions = new TestPattern[ranks];
    for (int r = 0; r < ranks; r++) {
      if (r == rank || !collective.reduces()) {
        int of = r;
        contributions[r] = TestPattern.create(arena, type, i -> values.value(of, i));
      }
    }
    int reduced =
        switch (collective) {
          case SCAN -> rank + 1;
          case ACCUMULATE -> 2; // what rank 1 has and what comes from rank 0
          default -> ranks;
        };
    this.reduction =
        collective.reduces()
            ? TestPattern.create(arena, type, i -> values.reduced(reduced, i))
            : null;
  }

  /// Writes this rank's input and spoils the memory that the result should go to.
  void fill(Operands operands, Placement placement) {
    if (placement == Placement.OUT_OF_PLACE) {
      operands.recv().fill(POISON);
      contributions[rank].fill(operands.send(), 0);
      if (collective == BenchCollective.ACCUMULATE) {
        contributions[rank].fill(operands.recv(), 0);
      }
      return;
    }
    switch (collective) {
      case ALL_GATHER, GATHER -> operands.recv().fill(POISON); // the send buffer is a part of it
      case BROADCAST, SEND_RECV, SEND_STREAM -> operands.recv().fill(POISON);
      case PUT, GET, ACCUMULATE, PUT_STREAM -> throw new IllegalArgumentException("in place");
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE, SCATTER -> {}
      case ALL_TO_ALL, ALL_TO_ALL_V, SCAN, BARRIER -> {}
    }
    boolean receivesOnly =
        (collective == BenchCollective.BROADCAST && rank != root)
            || (collective.isPointToPoint() && rank != 0);
    if (!receivesOnly) {
      contributions[rank].fill(operands.send(), 0);
    }
  }

  /// Returns the number of wrong elements in this rank's result.
  long wrong(Operands operands, Placement placement) {
    MemorySegment recv = operands.recv();
    return switch (collective) {
      case ALL_REDUCE, SCAN -> reduction().mismatches(recv, 0);
      case REDUCE -> rank == root ? reduction().mismatches(recv, 0) : 0;
      case GATHER -> rank == root ? wrongParts(recv) : 0;
      case SCATTER -> contributions[root].mismatches(recv, rank * (recv.byteSize() / type.bytes()));
      case ALL_TO_ALL, ALL_TO_ALL_V -> wrongShares(recv, operands.count());
      case REDUCE_SCATTER -> reduction().mismatches(recv, rank * (recv.byteSize() / type.bytes()));
      case BROADCAST -> contributions[root].mismatches(recv, 0);
      case ALL_GATHER -> wrongParts(recv);
      case SEND_RECV -> {
        if (rank > 1) {
          yield 0;
        }
        // In place, rank 1 sends back what it has received.
        int from = placement == Placement.IN_PLACE ? 0 : 1 - rank;
        yield contributions[from].mismatches(recv, 0);
      }
      case ACCUMULATE -> rank == 1 ? reduction().mismatches(recv, 0) : 0;
      case GET -> rank == 0 ? contributions[1].mismatches(recv, 0) : 0;
      case SEND_STREAM, PUT, PUT_STREAM -> rank == 1 ? contributions[0].mismatches(recv, 0) : 0;
      case BARRIER -> 0;
    };
  }

  private long wrongParts(MemorySegment recv) {
    long part = recv.byteSize() / ranks;
    long wrong = 0;
    for (int r = 0; r < ranks; r++) {
      wrong += contributions[r].mismatches(recv.asSlice(r * part, part), 0);
    }
    return wrong;
  }

  private long wrongShares(MemorySegment recv, long count) {
    long wrong = 0;
    for (int r = 0; r < ranks; r++) {
      long start = count * collective.shareStart(rank, r, ranks); // symmetric, as shares are
      long length = count * collective.share(r, rank, ranks);
      MemorySegment part = recv.asSlice(start * type.bytes(), length * type.bytes());
      wrong += contributions[r].mismatches(part, count * collective.shareStart(r, rank, ranks));
    }
    return wrong;
  }

  private TestPattern reduction() {
    if (reduction == null) {
      throw new IllegalStateException("nothing is reduced");
    }
    return reduction;
  }

  @Override
  public void close() {
    arena.close();
  }
}
