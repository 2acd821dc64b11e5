package dev.tutti.topology.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.linear.LinearSolver;

/// Minimises the first of some unknowns, none of them negative, under rules that may be added
/// between solutions. A rule is a row of coefficients with the right side behind them.
final class LinearProgram {
  // Rules that were not tight for so many solutions are left out until they are broken again.
  private static final int PATIENCE = 10;
  private static final double TIGHT = 1e-7;

  private final int unknowns;
  private final List<double[]> equalities = new ArrayList<>();
  private final List<double[]> limits = new ArrayList<>();
  private final List<Cut> cuts = new ArrayList<>();
  private long work;

  /// A rule that may be forgotten.
  private static final class Cut {
    private final double[] row;
    private int idle;

    Cut(double[] row) {
      this.row = row;
    }
  }

  LinearProgram(int unknowns) {
    this.unknowns = unknowns;
  }

  /// Returns a row of zeros.
  double[] row() {
    return new double[unknowns + 1];
  }

  int unknowns() {
    return unknowns;
  }

  /// Adds a rule: the sum is the right side.
  void equality(double[] row) {
    equalities.add(row);
  }

  /// Adds a rule: the sum is at most the right side.
  void limit(double[] row) {
    limits.add(row);
  }

  /// Adds a rule as [#limit] that counts only while it matters.
  void cut(double[] row) {
    if (cuts.stream().noneMatch(cut -> Arrays.equals(cut.row, row))) {
      cuts.add(new Cut(row));
    }
  }

  /// Returns the sum of all numbers that the solver was given so far.
  long work() {
    return work;
  }

  /// Returns the numbers that the solver will be given next.
  long size() {
    return (long) unknowns * (equalities.size() + limits.size() + cuts.size());
  }

  /// Returns an optimum, null if the solver finds none.
  double @Nullable [] solve() {
    work += size();
    double[] objective = new double[unknowns];
    objective[0] = 1;
    LinearSolver.Builder builder = LinearSolver.newBuilder(objective).lower(0.0);
    for (double[] row : equalities) {
      builder.equality(row[unknowns], Arrays.copyOf(row, unknowns));
    }
    for (double[] row : limits) {
      builder.inequality(row[unknowns], Arrays.copyOf(row, unknowns));
    }
    for (Cut cut : cuts) {
      builder.inequality(cut.row[unknowns], Arrays.copyOf(cut.row, unknowns));
    }
    Optimisation.Result result = builder.solve();
    if (!result.getState().isOptimal()) {
      return null;
    }
    double[] x = new double[unknowns];
    Arrays.setAll(x, i -> Math.max(0, result.doubleValue(i)));
    forget(x);
    return x;
  }

  private void forget(double[] x) {
    for (Cut cut : cuts) {
      double room = cut.row[unknowns];
      for (int i = 0; i < unknowns; i++) {
        room -= cut.row[i] * x[i];
      }
      cut.idle = room < TIGHT ? 0 : cut.idle + 1;
    }
    cuts.removeIf(cut -> cut.idle > PATIENCE);
  }
}
