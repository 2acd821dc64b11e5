import org.jspecify.annotations.NullMarked;

/// Collective operations as schedules: the public API, and behind it what builds, proves, plans and
/// runs a schedule. The packages behind the API are open to Tutti's own command line only.
@NullMarked
@SuppressWarnings("module") // dev.tutti.bench is built after this module
module dev.tutti.collectives {
  requires static transitive org.jspecify;
  requires static jdk.incubator.vector;
  requires static jdk.jfr;
  requires dev.tutti.bindings;
  requires transitive dev.tutti.topology;
  requires dev.tutti.transport;
  requires org.agrona;
  requires tools.jackson.core;

  exports dev.tutti.collectives;
  exports dev.tutti.collectives.device;
  exports dev.tutti.collectives.algorithm to
      dev.tutti.bench;
  exports dev.tutti.collectives.kernel to
      dev.tutti.bench;
  exports dev.tutti.collectives.plan to
      dev.tutti.bench;
  exports dev.tutti.collectives.record to
      dev.tutti.bench;
  exports dev.tutti.collectives.schedule to
      dev.tutti.bench;
  exports dev.tutti.collectives.simulate to
      dev.tutti.bench;
}
