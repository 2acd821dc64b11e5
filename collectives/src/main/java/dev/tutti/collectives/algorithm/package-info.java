/// One file per algorithm: a pure function from ranks, topology and partition to a schedule.
///
/// An algorithm does no I/O, reads no clock and holds no state.
@NullMarked
package dev.tutti.collectives.algorithm;

import org.jspecify.annotations.NullMarked;
