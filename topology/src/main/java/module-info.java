import org.jspecify.annotations.NullMarked;

/// What is joined to what, how fast, and how that was found out.
@NullMarked
module dev.tutti.topology {
  requires static transitive org.jspecify;
  requires dev.tutti.bindings;
  requires java.desktop;
  requires java.xml;
  requires ojalgo;
  requires org.jgrapht.core;
  requires tools.jackson.core;

  exports dev.tutti.topology.bound;
  exports dev.tutti.topology.discover;
  exports dev.tutti.topology.draw;
  exports dev.tutti.topology.format;
  exports dev.tutti.topology.pack;
  exports dev.tutti.topology.preset;
  exports dev.tutti.topology.probe;
  exports dev.tutti.topology.route;
  exports dev.tutti.topology;
}
