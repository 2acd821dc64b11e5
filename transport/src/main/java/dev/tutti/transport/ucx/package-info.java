/// Ranks on machines with InfiniBand or RoCE: messages over UCX, which takes the fastest way there
/// is, set up over authenticated TCP connections.
@NullMarked
package dev.tutti.transport.ucx;

import org.jspecify.annotations.NullMarked;
