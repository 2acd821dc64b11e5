/// The standard set of measurements and its report as a page.
@NullMarked
package dev.tutti.bench.suite;

import org.jspecify.annotations.NullMarked;
