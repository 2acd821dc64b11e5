/// What a rank did lately and does now: the flight recorder with its counters, dumps, JFR events.
@NullMarked
package dev.tutti.collectives.record;

import org.jspecify.annotations.NullMarked;
