/// Spanning trees packed into a topology: what reaches the bound of any network.
@NullMarked
package dev.tutti.topology.pack;

import org.jspecify.annotations.NullMarked;
