/// `tutti analyze`: finds out from the dumps of several ranks which rank or link is to blame.
@NullMarked
package dev.tutti.bench.analyze;

import org.jspecify.annotations.NullMarked;
