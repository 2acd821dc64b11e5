/// The Linux calls that Tutti uses: typed, with the error number turned into an exception.
@NullMarked
package dev.tutti.bindings.linux;

import org.jspecify.annotations.NullMarked;
