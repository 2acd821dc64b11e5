import org.jspecify.annotations.NullMarked;

/// How bytes reach a peer: channels, rendezvous, membership, registered memory.
@NullMarked
module dev.tutti.transport {
  requires static transitive org.jspecify;
  requires dev.tutti.bindings;
  requires dev.tutti.topology;

  exports dev.tutti.transport;
  exports dev.tutti.transport.inproc;
  exports dev.tutti.transport.rendezvous;
  exports dev.tutti.transport.shm;
  exports dev.tutti.transport.tcp;
  exports dev.tutti.transport.ucx;
}
