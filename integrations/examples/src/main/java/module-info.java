import org.jspecify.annotations.NullMarked;

/// The programs that the README shows.
@NullMarked
module dev.tutti.examples {
  requires static org.jspecify;
  requires dev.tutti.collectives;
}
