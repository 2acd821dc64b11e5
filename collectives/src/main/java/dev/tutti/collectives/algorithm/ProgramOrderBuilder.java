package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Buffer;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builds the [Schedule] of one rank from steps given in *program order*, deriving the dependencies
/// between lanes from the memory that the steps share.
///
/// An algorithm says what the rank does as if it ran one step after the other, and in which lane
/// each step goes. Two steps of different lanes may then overlap unless they conflict; the later
/// one of a conflicting pair gets an `after` on the earlier one:
///
/// - it reads a chunk that the earlier one wrote;
/// - it writes a chunk that the earlier one read or wrote;
/// - it writes an OUTPUT chunk whose INPUT chunk the earlier one read. In place these are the same
///   memory. A COPY of INPUT chunk c to OUTPUT chunk c is exempt: in place it is no operation.
///
/// An INPUT chunk must not be read after its OUTPUT chunk was written, for the same reason; the
/// builder refuses it. Order inside a lane needs no `after`, and of several steps of one lane only
/// the last is named. Not thread-safe.
final class ProgramOrderBuilder {
  private final ScheduleBuilder builder;
  private final Map<Operand, Cell> cells = new HashMap<>();

  ProgramOrderBuilder(Collective collective, int ranks, int rank, int root, Partition partition) {
    builder = new ScheduleBuilder(collective, ranks, rank, root, partition);
  }

  /// Appends target = source.
  void copy(int lane, Operand source, Operand target) {
    boolean identityInPlace =
        source.buffer() == Buffer.INPUT
            && target.buffer() == Buffer.OUTPUT
            && source.index() == target.index();
    Dependency[] after = dependencies(lane, source, target, identityInPlace);
    note(builder.copy(lane, source, target, after), source, target, identityInPlace);
  }

  /// Appends target = target + source.
  void reduce(int lane, Operand source, Operand target) {
    note(builder.reduce(lane, source, target, dependencies(lane, source, target)), source, target);
  }

  /// Appends a send of source to `to`.
  void send(int lane, Operand source, int to) {
    note(builder.send(lane, source, to, dependencies(lane, source, null)), source, null);
  }

  /// Appends target = what arrives from `from`.
  void recv(int lane, Operand target, int from) {
    note(builder.recv(lane, target, from, dependencies(lane, null, target)), null, target);
  }

  /// Appends target = source + what arrives from `from`.
  void recvReduce(int lane, Operand source, Operand target, int from) {
    Dependency[] after = dependencies(lane, source, target);
    note(builder.recvReduce(lane, source, target, from, after), source, target);
  }

  /// Appends target = what arrives from `from`, sent on to `to`.
  void recvForward(int lane, Operand target, int from, int to) {
    Dependency[] after = dependencies(lane, null, target);
    note(builder.recvForward(lane, target, from, to, after), null, target);
  }

  /// Appends a send to `to` of source + what arrives from `from`, not stored.
  void recvReduceSend(int lane, Operand source, int from, int to) {
    Dependency[] after = dependencies(lane, source, null);
    note(builder.recvReduceSend(lane, source, from, to, after), source, null);
  }

  /// Appends target = source + what arrives from `from`, and a send of target to `to`.
  void recvReduceForward(int lane, Operand source, Operand target, int from, int to) {
    Dependency[] after = dependencies(lane, source, target);
    note(builder.recvReduceForward(lane, source, target, from, to, after), source, target);
  }

  /// Returns the schedule built so far.
  Schedule build() {
    return builder.build();
  }

  private Dependency[] dependencies(int lane, @Nullable Operand source, @Nullable Operand target) {
    return dependencies(lane, source, target, false);
  }

  private Dependency[] dependencies(
      int lane, @Nullable Operand source, @Nullable Operand target, boolean identityInPlace) {
    Map<Integer, Dependency> latest = new HashMap<>();
    if (source != null) {
      Cell cell = cell(source);
      if (cell.overwritten) {
        throw new IllegalStateException(source + " is read after its OUTPUT chunk was written");
      }
      require(latest, lane, cell.writer);
    }
    if (target != null) {
      requireExclusive(latest, lane, cell(target));
      if (target.buffer() == Buffer.OUTPUT && !identityInPlace) {
        requireExclusive(latest, lane, cell(Operand.input(target.index())));
      }
    }
    return latest.values().toArray(Dependency[]::new);
  }

  private static void requireExclusive(Map<Integer, Dependency> latest, int lane, Cell cell) {
    if (cell.readers.isEmpty()) {
      require(latest, lane, cell.writer);
    }
    for (Dependency reader : cell.readers) { // each of them already waits for the writer
      require(latest, lane, reader);
    }
  }

  private static void require(
      Map<Integer, Dependency> latest, int lane, @Nullable Dependency earlier) {
    if (earlier != null && earlier.lane() != lane) {
      latest.merge(earlier.lane(), earlier, (a, b) -> a.step() > b.step() ? a : b);
    }
  }

  private void note(Dependency step, @Nullable Operand source, @Nullable Operand target) {
    note(step, source, target, false);
  }

  private void note(
      Dependency step,
      @Nullable Operand source,
      @Nullable Operand target,
      boolean identityInPlace) {
    if (source != null) {
      cell(source).readers.add(step);
    }
    if (target != null) {
      Cell cell = cell(target);
      cell.readers.clear();
      cell.writer = step;
      if (target.buffer() == Buffer.OUTPUT && !identityInPlace) {
        cell(Operand.input(target.index())).overwritten = true;
      }
    }
  }

  private Cell cell(Operand operand) {
    return cells.computeIfAbsent(operand, _ -> new Cell());
  }

  /// What happened to one chunk so far.
  private static final class Cell {
    private @Nullable Dependency writer;
    private final List<Dependency> readers = new ArrayList<>(); // since the last write
    private boolean overwritten; // INPUT only: its OUTPUT chunk holds something else by now
  }
}
