/// World formation and membership: how the ranks of a job find each other, agree on who is there,
/// and hear when one is gone.
///
/// A [RendezvousServer] runs in the launcher or in rank 0. Each rank keeps one control connection
/// to it, a [Membership]. Every connection starts with a mutual HMAC-SHA256 challenge over the
/// job's [Secret]. [Rendezvous] joins by URL; [LaunchEnvironment] is what a launcher tells a rank.
@NullMarked
package dev.tutti.transport.rendezvous;

import org.jspecify.annotations.NullMarked;
