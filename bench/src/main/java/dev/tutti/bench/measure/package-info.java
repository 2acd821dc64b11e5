/// What `tutti bench` measures and how: the ranks' side of a benchmark. Nothing here parses a
/// command line or prints a table.
@NullMarked
package dev.tutti.bench.measure;

import org.jspecify.annotations.NullMarked;
