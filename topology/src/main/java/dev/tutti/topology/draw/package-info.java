/// Pictures of topologies: one drawing model, made by one layout, and a writer for each kind of
/// picture.
@NullMarked
package dev.tutti.topology.draw;

import org.jspecify.annotations.NullMarked;
