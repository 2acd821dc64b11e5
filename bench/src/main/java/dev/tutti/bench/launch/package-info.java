/// Starting the ranks of a job as processes of this host and seeing to their end.
///
/// [Launcher] starts them with the environment of `LaunchEnvironment`, serves their rendezvous,
/// passes their output on and leaves no process behind.
@NullMarked
package dev.tutti.bench.launch;

import org.jspecify.annotations.NullMarked;
