/// A laboratory of networks: hosts that are network namespaces of this machine, joined by shaped
/// links. It makes them, measures them, runs commands in them and removes them.
@NullMarked
package dev.tutti.bench.netlab;

import org.jspecify.annotations.NullMarked;
