/// `tutti compare`: measures other libraries and Tutti in turn and sets the figures side by side.
@NullMarked
package dev.tutti.bench.compare;

import org.jspecify.annotations.NullMarked;
