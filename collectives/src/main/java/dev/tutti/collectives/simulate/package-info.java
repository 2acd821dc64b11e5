/// Predicting how long schedules take on a topology: messages as flows that share links.
///
/// Knows no algorithm and reads no clock.
@NullMarked
package dev.tutti.collectives.simulate;

import org.jspecify.annotations.NullMarked;
