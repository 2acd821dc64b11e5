package dev.tutti.bench.netlab;

import dev.tutti.bench.netlab.LabNames.Lifetime;
import dev.tutti.bench.netlab.LabSpec.Changes;

/// Labs that do not exist, for what depends on their plan only.
public final class PlannedLab {
  private PlannedLab() {}

  /// Returns a lab of a scenario, `10.77.5.0/24`.
  public static Lab of(LabSpec.Scenario scenario) {
    LabNames names = new LabNames(Lifetime.TEMPORARY, "x", 9);
    return new Lab(LabSpec.of(scenario, Changes.NONE), names, new Subnet(5));
  }
}
