/// How results are shown: tables, JSON lines, CSV, progress.
@NullMarked
package dev.tutti.bench.report;

import org.jspecify.annotations.NullMarked;
