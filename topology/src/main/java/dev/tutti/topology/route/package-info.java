/// The ways that data takes through a topology.
@NullMarked
package dev.tutti.topology.route;

import org.jspecify.annotations.NullMarked;
