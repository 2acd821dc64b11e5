/// The transport between processes of one host, over anonymous shared memory.
@NullMarked
package dev.tutti.transport.shm;

import org.jspecify.annotations.NullMarked;
