/// What measurements between hosts tell about the network between them.
@NullMarked
package dev.tutti.topology.probe;

import org.jspecify.annotations.NullMarked;
