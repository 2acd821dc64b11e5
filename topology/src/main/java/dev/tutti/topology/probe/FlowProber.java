package dev.tutti.topology.probe;

import java.util.List;

/// Makes flows and tells how fast they were.
@FunctionalInterface
public interface FlowProber {
  /// Runs rounds one after the other; the flows of a round run at once, all as long as the round
  /// takes.
  ///
  /// @param rounds the flows of each round; nobody sends or receives two of them
  /// @return bytes/s of every flow, round by round in the same order
  List<double[]> run(List<List<Flow>> rounds);
}
