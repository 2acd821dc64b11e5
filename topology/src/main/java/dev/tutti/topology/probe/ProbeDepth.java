package dev.tutti.topology.probe;

/// How thoroughly a network is measured.
public enum ProbeDepth {
  /// A fifth of a second for eight ranks: short flows, each pair once.
  QUICK,
  /// Seconds: flows until the confidence intervals are narrow, every pair also alone.
  DEEP
}
