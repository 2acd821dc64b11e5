/// The `tutti` command line: one class per subcommand, which parses, calls the library and prints.
@NullMarked
package dev.tutti.bench;

import org.jspecify.annotations.NullMarked;
