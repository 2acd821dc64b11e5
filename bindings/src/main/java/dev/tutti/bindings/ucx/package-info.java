/// UCX, the communication library of InfiniBand and RoCE machines: contexts, workers and tagged
/// messages of its UCP interface. The library is loaded when it is first asked for.
@NullMarked
package dev.tutti.bindings.ucx;

import org.jspecify.annotations.NullMarked;
