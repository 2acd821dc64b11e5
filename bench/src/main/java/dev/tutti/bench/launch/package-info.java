/// Starting the ranks of a job on this host or on others and seeing to their end.
///
/// [Launcher] starts them with the environment of `LaunchEnvironment`, serves their rendezvous,
/// passes their output on and leaves no process behind. Other hosts are reached through `ssh`.
@NullMarked
package dev.tutti.bench.launch;

import org.jspecify.annotations.NullMarked;
