import org.jspecify.annotations.NullMarked;

/// The `tutti` command line, the benchmarks and their reports.
@NullMarked
module dev.tutti.bench {
  requires static org.jspecify;
  requires dev.tutti.bindings;
  requires dev.tutti.collectives;
  requires dev.tutti.topology;
  requires dev.tutti.transport;
  requires info.picocli;
  requires java.xml;
  requires jmh.core;
  requires me.tongfei.progressbar;
  requires tools.jackson.core;

  opens dev.tutti.bench to
      info.picocli;
}
