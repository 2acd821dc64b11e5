/// Finding native libraries at run time, calling them and keeping their objects safe; shared by the
/// wrappers, not exported.
@NullMarked
package dev.tutti.bindings.library;

import org.jspecify.annotations.NullMarked;
