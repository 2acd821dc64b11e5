/// Running benchmarks: starts the worker processes, gathers their rows over launches, feeds
/// reports.
@NullMarked
package dev.tutti.bench.session;

import org.jspecify.annotations.NullMarked;
