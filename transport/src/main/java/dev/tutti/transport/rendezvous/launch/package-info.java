/// What launchers tell a rank: one class per launcher reads its environment variables.
///
/// [Launchers] tries them in a fixed order. Nothing here opens a connection.
@NullMarked
package dev.tutti.transport.rendezvous.launch;

import org.jspecify.annotations.NullMarked;
