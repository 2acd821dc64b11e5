/// World formation and membership: how the ranks of a job find each other, agree on who is there,
/// and hear when one is gone.
///
/// A [RendezvousServer] runs in the launcher or in rank 0. Each rank keeps one control connection
/// to it, a [Membership], and a server in reserve that takes over when the one of a rank is lost.
/// Every connection starts with a mutual HMAC-SHA256 challenge over the job's [Secret].
/// [Rendezvous] joins by URL; [LaunchEnvironment] is what a launcher tells a rank.
///
/// | role | classes |
/// |---|---|
/// | bytes | `Frame`, `FrameType`, `FrameConnection`, `Handshake`, `Heart` |
/// | a rank's side | `Joining`, `ControlLink` (reads, moves to the next server), `ServerFrames`, `WorldView`, `AgreementCalls` |
/// | the server's side | `Doorman` (lets in), `Sessions`, `RankFrames`, `MemberTable`, `AgreementTable` |
/// | takeover | `SuccessorSearch` and `Reach` (who serves next), `Muster` and `RollCall` (who has come over), `Fencing` (am I out?) |
@NullMarked
package dev.tutti.transport.rendezvous;

import org.jspecify.annotations.NullMarked;
