/// What the simulator predicts beside what was measured.
@NullMarked
package dev.tutti.bench.validate;

import org.jspecify.annotations.NullMarked;
