/// The simulated devices and libraries of `src/test/native/tutti_sim`, for tests of all modules.
@NullMarked
package dev.tutti.bindings.sim;

import org.jspecify.annotations.NullMarked;
