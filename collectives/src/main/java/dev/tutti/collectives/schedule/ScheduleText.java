package dev.tutti.collectives.schedule;

import java.util.Locale;
import java.util.StringJoiner;

/// The text form of schedules: one line per step, made for people, read back without loss.
///
/// ```
/// tutti-schedule/1 all-reduce ranks 2 root 0
/// partition even 2
/// rank 0: scratch 0 lanes 1
/// rank 0 lane 0: send I0 >1
/// rank 0 lane 0: recv-reduce-forward O1 = I1 + <1 >1
/// rank 0 lane 0: recv O0 = <1 after 1.4 2.0
/// rank 1: scratch 0 lanes 1
/// ...
/// ```
///
/// Operands are I, O or S with the index in INPUT, OUTPUT or SCRATCH; `<r` receives from and `>r`
/// sends to rank r; `after` lists dependencies as `lane.step`. A local reduction is `reduce O1 +=
/// S1`, an uneven partition `partition weighted 3 1 2`. Each rank's header precedes its steps,
/// ranks ascend, and the steps of a lane stand in order. Blank lines, and lines that begin with
/// `#`, mean nothing.
///
/// Stateless; any thread may call.
public final class ScheduleText {
  private ScheduleText() {}

  /// Returns the text form of a set.
  public static String write(ScheduleSet set) {
    StringBuilder text = new StringBuilder();
    text.append(FormatLimits.SCHEMA).append(' ').append(set.collective().label());
    text.append(" ranks ").append(set.ranks()).append(" root ").append(set.root()).append('\n');
    text.append("partition ").append(format(set.partition())).append('\n');
    for (Schedule schedule : set.schedules()) {
      text.append("rank ").append(schedule.rank());
      text.append(": scratch ").append(schedule.scratchCopies());
      text.append(" lanes ").append(schedule.lanes().size()).append('\n');
      for (int lane = 0; lane < schedule.lanes().size(); lane++) {
        for (Step step : schedule.lanes().get(lane).steps()) {
          text.append("rank ").append(schedule.rank()).append(" lane ").append(lane).append(": ");
          text.append(format(step)).append('\n');
        }
      }
    }
    return text.toString();
  }

  /// Reads what [#write] writes.
  ///
  /// @throws ScheduleFormatException if the text is malformed or too large; names line and column
  public static ScheduleSet parse(String text) {
    return new TextScheduleReader(text).read();
  }

  /// Returns the text form of a step without its place, for example `recv-reduce O3 = I3 + <2`.
  public static String format(Step step) {
    StringJoiner text = new StringJoiner(" ");
    text.add(format(step.kind()));
    Operand source = step.source();
    Operand target = step.target();
    if (target != null) {
      text.add(format(target)).add(step.kind() == StepKind.REDUCE ? "+=" : "=");
    }
    if (source != null) {
      text.add(format(source));
    }
    if (step.receivePeer() != Step.NO_PEER) {
      text.add((source == null ? "<" : "+ <") + step.receivePeer());
    }
    if (step.sendPeer() != Step.NO_PEER) {
      text.add(">" + step.sendPeer());
    }
    if (!step.after().isEmpty()) {
      text.add("after");
    }
    for (Dependency d : step.after()) {
      text.add(d.lane() + "." + d.step());
    }
    return text.toString();
  }

  /// Returns the text form of an operand, for example `O3`.
  public static String format(Operand operand) {
    char buffer =
        switch (operand.buffer()) {
          case INPUT -> 'I';
          case OUTPUT -> 'O';
          case SCRATCH -> 'S';
        };
    return buffer + Integer.toString(operand.index());
  }

  /// Returns the text form of a kind, for example `recv-reduce`.
  public static String format(StepKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String format(Partition partition) {
    if (partition.isEven() && partition.weight(0) == 1) {
      return "even " + partition.chunks();
    }
    StringBuilder text = new StringBuilder("weighted");
    for (int c = 0; c < partition.chunks(); c++) {
      text.append(' ').append(partition.weight(c));
    }
    return text.toString();
  }
}
