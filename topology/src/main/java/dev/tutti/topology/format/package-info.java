/// Formats of topologies, one file per format; the kind of a file is recognised by its content.
@NullMarked
package dev.tutti.topology.format;

import org.jspecify.annotations.NullMarked;
