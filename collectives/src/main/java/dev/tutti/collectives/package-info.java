/// The public API: the communicator, element types, reduction operators, requests, exceptions.
///
/// Nothing here exposes a schedule, a socket or a handle of a library.
@NullMarked
package dev.tutti.collectives;

import org.jspecify.annotations.NullMarked;
