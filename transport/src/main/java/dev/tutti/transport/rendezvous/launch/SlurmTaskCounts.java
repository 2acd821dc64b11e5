package dev.tutti.transport.rendezvous.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The tasks of each node in Slurm's compressed form: `2(x3),1` is 2, 2, 2, 1.
///
/// @param runs equal counts of consecutive nodes
record SlurmTaskCounts(List<Run> runs) {
  private static final Pattern RUN = Pattern.compile("(\\d{1,9})(?:\\(x(\\d{1,9})\\))?");

  /// @param tasks tasks of each node
  /// @param nodes how many nodes
  record Run(int tasks, int nodes) {}

  /// Reads the counts.
  ///
  /// @throws IllegalArgumentException if they are malformed
  static SlurmTaskCounts parse(String text) {
    List<Run> runs = new ArrayList<>();
    for (String item : text.split(",", -1)) {
      Matcher matcher = RUN.matcher(item);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("\"" + item + "\" is no number of tasks");
      }
      int nodes = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
      runs.add(new Run(Integer.parseInt(matcher.group(1)), nodes));
    }
    return new SlurmTaskCounts(List.copyOf(runs));
  }

  /// Returns the tasks on node `index`, counted from 0, or -1 if there is no such node.
  int onNode(int index) {
    int rest = index;
    for (Run run : runs) {
      if (rest < run.nodes) {
        return run.tasks;
      }
      rest -= run.nodes;
    }
    return -1;
  }
}
