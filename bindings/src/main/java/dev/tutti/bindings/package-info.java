/// What the wrappers of all libraries share.
@NullMarked
package dev.tutti.bindings;

import org.jspecify.annotations.NullMarked;
