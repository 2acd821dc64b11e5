/// Ranks on different hosts: several TCP connections per peer, each end authenticated, moving data
/// straight from and into the caller's memory.
@NullMarked
package dev.tutti.transport.tcp;

import org.jspecify.annotations.NullMarked;
