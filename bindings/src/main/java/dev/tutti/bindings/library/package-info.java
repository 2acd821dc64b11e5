/// Finding native libraries at run time; shared by the wrappers, not exported.
@NullMarked
package dev.tutti.bindings.library;

import org.jspecify.annotations.NullMarked;
