/// The engine: moves slices through the lanes of a schedule, without knowing which algorithm made
/// it.
@NullMarked
package dev.tutti.collectives.execute;

import org.jspecify.annotations.NullMarked;
