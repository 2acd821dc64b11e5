/// What `tutti topo` shows of topologies on a terminal.
@NullMarked
package dev.tutti.bench.topo;

import org.jspecify.annotations.NullMarked;
