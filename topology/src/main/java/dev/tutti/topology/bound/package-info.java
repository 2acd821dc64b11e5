/// What a topology allows at best, and what stands in the way.
@NullMarked
package dev.tutti.topology.bound;

import org.jspecify.annotations.NullMarked;
