/// The schedule as data: lanes, steps, operands and partitions, and what reads and proves them.
///
/// Knows neither an algorithm nor a transport.
@NullMarked
package dev.tutti.collectives.schedule;

import org.jspecify.annotations.NullMarked;
