/// `tutti doctor`: what was found on this host, and what to do about what was not.
@NullMarked
package dev.tutti.bench.doctor;

import org.jspecify.annotations.NullMarked;
