package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads the format of [ScheduleText]: lines here, words in [TextCursor].
final class TextScheduleReader {
  private final String text;
  private int position;
  private int lineNumber;
  private TextCursor line = new TextCursor("", 1);

  private int totalLanes;
  private int totalSteps;

  TextScheduleReader(String text) {
    this.text = text;
  }

  ScheduleSet read() {
    nextLine();
    line.expect(FormatLimits.SCHEMA, "\"" + FormatLimits.SCHEMA + "\"");
    Collective collective = line.collective();
    line.expect("ranks");
    int ranks = line.number("number of ranks", 1, FormatLimits.MAX_RANKS);
    line.expect("root");
    int root = line.number("root", 0, ranks - 1);
    line.expectEnd();
    nextLine();
    Partition partition = readPartition();
    List<Schedule> schedules = new ArrayList<>();
    nextLine();
    for (int rank = 0; rank < ranks; rank++) {
      schedules.add(readRank(collective, ranks, rank, root, partition));
    }
    if (!line.isEndOfText()) {
      throw line.error("the end, all " + ranks + " ranks being complete");
    }
    return new ScheduleSet(schedules);
  }

  private Partition readPartition() {
    line.expect("partition");
    if (line.accept("even")) {
      int chunks = line.number("number of chunks", 1, FormatLimits.MAX_CHUNKS);
      line.expectEnd();
      return Partition.even(chunks);
    }
    line.expect("weighted", "\"even\" or \"weighted\"");
    long[] weights = new long[16];
    int count = 0;
    long total = 0;
    do {
      if (count == FormatLimits.MAX_CHUNKS) {
        throw line.error("at most " + FormatLimits.MAX_CHUNKS + " chunks");
      }
      if (count == weights.length) {
        weights = Arrays.copyOf(weights, 2 * count);
      }
      weights[count] = line.number("weight", 0, (int) (Integer.MAX_VALUE - total));
      total += weights[count++];
    } while (!line.isAtEnd());
    if (total == 0) {
      throw line.error("a weight that is not 0");
    }
    return Partition.weighted(Arrays.copyOf(weights, count));
  }

  private Schedule readRank(
      Collective collective, int ranks, int rank, int root, Partition partition) {
    line.expect("rank");
    line.number("rank", rank, rank);
    line.expectSymbol(":");
    line.expect("scratch");
    int copies = line.number("number of scratch copies", 0, FormatLimits.MAX_SCRATCH_COPIES);
    line.expect("lanes");
    int laneCount = line.number("number of lanes", 0, FormatLimits.MAX_LANES - totalLanes);
    totalLanes += laneCount;
    line.expectEnd();
    List<List<Step>> lanes = new ArrayList<>();
    for (int lane = 0; lane < laneCount; lane++) {
      lanes.add(new ArrayList<>());
    }
    nextLine();
    while (line.startsStepOf(rank)) {
      line.expect("rank");
      line.number("rank", rank, rank);
      line.expect("lane");
      List<Step> steps = lanes.get(line.number("lane", 0, laneCount - 1));
      line.expectSymbol(":");
      if (totalSteps++ == FormatLimits.MAX_STEPS) {
        throw line.error("at most " + FormatLimits.MAX_STEPS + " steps");
      }
      steps.add(line.step());
      line.expectEnd();
      nextLine();
    }
    return new Schedule(
        collective, ranks, rank, root, partition, copies, lanes.stream().map(Lane::new).toList());
  }

  /// Goes to the next line that means something, or to the end of the text.
  private void nextLine() {
    do {
      if (position >= text.length()) {
        line = TextCursor.endOfText(lineNumber + 1);
        return;
      }
      int end = text.indexOf('\n', position);
      end = end < 0 ? text.length() : end;
      line = new TextCursor(text.substring(position, end), ++lineNumber);
      position = end + 1;
    } while (line.isBlankOrComment());
  }
}
