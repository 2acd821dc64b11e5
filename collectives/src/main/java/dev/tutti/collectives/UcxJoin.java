package dev.tutti.collectives;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.tcp.TcpEndpoint;
import dev.tutti.transport.ucx.UcxEndpoint;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Opens UCX on all ranks of a world, or leaves TCP to all where one of them cannot.
final class UcxJoin {
  private static final System.Logger LOGGER = System.getLogger(UcxJoin.class.getName());
  private static final long PROBLEMS = 2; // tag of the exchange
  private static final int MOST_CHARACTERS = 2000;

  private UcxJoin() {}

  /// Returns UCX's endpoint, which then owns the other one, or null if one of the ranks has none.
  /// The first of these says so in one warning.
  ///
  /// @param spread whether the ranks are on several hosts
  static @Nullable UcxEndpoint open(
      CommunicatorConfig config, Membership membership, TcpEndpoint tcp, boolean spread) {
    UcxEndpoint ucx = null;
    String problem = "";
    try {
      ucx = UcxEndpoint.open(config.ucx(spread), tcp);
    } catch (LibraryNotFoundException | NativeCallException | UnsupportedOperationException e) {
      problem = String.valueOf(e.getMessage());
    }
    boolean everywhere = false;
    try {
      everywhere = isEverywhere(config, membership, problem);
    } finally {
      if (!everywhere && ucx != null) {
        TcpEndpoint _ = ucx.release();
      }
    }
    return everywhere ? ucx : null;
  }

  private static boolean isEverywhere(
      CommunicatorConfig config, Membership membership, String problem) {
    String sent = problem.substring(0, Math.min(problem.length(), MOST_CHARACTERS));
    byte[][] all =
        membership.allGather(PROBLEMS, sent.getBytes(StandardCharsets.UTF_8), config.joinTimeout());
    Integer first = firstProblem(all);
    if (first != null && first == membership.rank()) {
      LOGGER.log(Level.WARNING, "TCP is used instead of UCX: rank {0}: {1}", first, problem);
    }
    return first == null;
  }

  private static @Nullable Integer firstProblem(byte[][] all) {
    for (int rank = 0; rank < all.length; rank++) {
      if (all[rank].length > 0) {
        return rank;
      }
    }
    return null;
  }
}
