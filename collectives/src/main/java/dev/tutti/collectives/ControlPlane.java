package dev.tutti.collectives;

import dev.tutti.transport.rendezvous.SurvivorGather;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How the ranks of a world agree on who goes on, and tell each other what went wrong. Slow, beside
/// the data path.
///
/// Ranks are numbered as in the world. All methods may be called by any thread.
interface ControlPlane {
  /// Agrees with all of `ranks` that live on who they are; as
  /// [dev.tutti.transport.rendezvous.Membership#agree].
  ///
  /// @throws dev.tutti.transport.rendezvous.RendezvousException if there is no agreement
  SurvivorGather agree(long tag, int[] ranks, byte[] mine, Duration timeout);

  /// Sends a short report; may be lost, does not wait.
  void tell(int[] ranks, long tag, byte[] report);

  /// Returns where newcomers ask to be admitted; null if they cannot.
  @Nullable URI rendezvous();

  /// Leaves the world in order.
  void leave();
}
