/// Known machines, to look at and to plan for without having one.
@NullMarked
package dev.tutti.topology.preset;

import org.jspecify.annotations.NullMarked;
