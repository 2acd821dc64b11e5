package dev.tutti.bench.report;

import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.LateRanks;
import dev.tutti.bench.measure.StartedEvent;
import java.util.ArrayList;
import java.util.List;

/// What a figure must carry to mean anything: program, command, machine, JDK, method.
///
/// @param version version of the program
/// @param command the command line
/// @param date when it was run
/// @param machine where it was run
/// @param options what is measured
/// @param launches how many times everything is measured
/// @param started what the ranks said
public record RunHeader(
    String version,
    String command,
    String date,
    MachineInfo machine,
    BenchOptions options,
    int launches,
    StartedEvent started) {

  /// Returns the header as lines of text.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("tutti " + version + "  " + options.collective().label());
    lines.add("command: " + command);
    lines.add("date:    " + date);
    lines.add("machine: " + machine.describe());
    lines.add("java:    " + machine.java() + ", reductions by the " + started.kernel() + " kernel");
    lines.add(
        "ranks:   "
            + options.ranks()
            + " "
            + options.mode().label()
            + " over "
            + started.transport()
            + ", "
            + options.style().label()
            + " calls"
            + (launches > 1 ? ", medians of " + launches + " launches" : ""));
    if (!options.late().isEmpty()) {
      lines.add("late:    " + LateRanks.describe(options.late()) + ", which counts");
    }
    return lines;
  }
}
