/// Maximum flows, for bounds and for packing trees.
@NullMarked
package dev.tutti.topology.flow;

import org.jspecify.annotations.NullMarked;
