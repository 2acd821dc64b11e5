/// `tutti stat`: what the ranks on this host are doing, seen from outside.
@NullMarked
package dev.tutti.bench.stat;

import org.jspecify.annotations.NullMarked;
