/// The transport between threads of one JVM: direct access to the peer's segment.
@NullMarked
package dev.tutti.transport.inproc;

import org.jspecify.annotations.NullMarked;
