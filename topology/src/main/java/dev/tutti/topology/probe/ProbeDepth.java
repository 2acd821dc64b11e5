package dev.tutti.topology.probe;

/// How thoroughly a network is measured.
public enum ProbeDepth {
  /// Short flows, each pair once, inside hosts twice: rough, above all between hosts.
  QUICK,
  /// Seconds: longer flows, and up to eight hosts every pair also alone.
  DEEP
}
