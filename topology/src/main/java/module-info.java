import org.jspecify.annotations.NullMarked;

/// What is joined to what, how fast, and how that was found out.
@NullMarked
module dev.tutti.topology {
  requires static transitive org.jspecify;

  exports dev.tutti.topology;
}
