/// What `tutti simulate` predicts, beside the least time possible.
@NullMarked
package dev.tutti.bench.simulate;

import org.jspecify.annotations.NullMarked;
