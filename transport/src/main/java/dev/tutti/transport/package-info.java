/// What every transport offers to the engine: channels, waiting, registered memory.
@NullMarked
package dev.tutti.transport;

import org.jspecify.annotations.NullMarked;
