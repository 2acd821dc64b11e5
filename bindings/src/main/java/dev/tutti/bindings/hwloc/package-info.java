/// hwloc, which knows the inside of computers: packages, caches, memory domains, buses. The library
/// is loaded when it is first asked for.
@NullMarked
package dev.tutti.bindings.hwloc;

import org.jspecify.annotations.NullMarked;
