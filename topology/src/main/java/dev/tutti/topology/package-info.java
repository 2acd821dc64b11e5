/// The model of the interconnect: what is joined to what, and how fast.
@NullMarked
package dev.tutti.topology;

import org.jspecify.annotations.NullMarked;
