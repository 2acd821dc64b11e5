package dev.tutti.bench.netlab;

import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;

/// Makes a temporary lab, says so, and waits to be ended.
final class LabMaker {
  private LabMaker() {}

  public static void main(String[] args) throws Exception {
    Lab _ =
        Lab.createTemporary(
            args[0], LabSpec.of(Scenario.UNIFORM, new Changes(2, null, null, null, null)));
    System.out.println("made");
    Thread.currentThread().join(60_000);
  }
}
