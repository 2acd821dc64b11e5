package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The agreements that this rank waits for, and the proposals that it keeps for a next server.
///
/// All fields are guarded by the lock of the view; methods without a word on it are called under
/// it.
final class AgreementCalls {
  private final WorldView view;
  private final Map<AgreementKey, Call> calls = new LinkedHashMap<>();
  private final Map<AgreementKey, Proposal> kept = new HashMap<>();
  private Proposal.Collector collector = new Proposal.Collector();

  /// A caller that waits.
  private static final class Call {
    final byte[] contribution;
    boolean offered; // the server has it, or gets it with the RESUME that is under way
    boolean withdrawing;
    @Nullable Proposal result;
    @Nullable List<Integer> missing; // set when the server has taken it out

    Call(byte[] contribution) {
      this.contribution = contribution;
    }
  }

  AgreementCalls(WorldView view) {
    this.view = view;
  }

  /// Contributes and waits for the result. Takes the lock itself.
  ///
  /// When the time is over, the contribution is taken back: only if the server confirms that
  /// nothing was decided with it does the caller get a timeout.
  Proposal call(AgreementKey key, byte[] mine, Duration timeout, long deadlineNanos) {
    return view.withServer(server -> {
      Call call = new Call(mine);
      view.throwIfFailed();
      if (calls.putIfAbsent(key, call) != null) {
        throw new IllegalStateException(
            key + " of ranks " + key.group().members() + " is under way");
      }
      try {
        if (server != null) {
          server.send(offer(key, call));
        }
        return await(key, call, timeout, deadlineNanos);
      } finally {
        calls.remove(key);
      }
    });
  }

  private Proposal await(AgreementKey key, Call call, Duration timeout, long deadlineNanos) {
    while (call.result == null) {
      view.throwIfFailed();
      List<Integer> missing = call.missing;
      if (missing != null) {
        throw new RendezvousException(
            Kind.TIMEOUT,
            missing,
            key
                + " waited "
                + Membership.seconds(timeout)
                + (missing.isEmpty() ? " for newcomers" : " for ranks " + missing),
            null);
      }
      // The server answers a withdrawal at once, or is lost, which is noticed.
      long until = call.withdrawing ? System.nanoTime() + Long.MAX_VALUE / 4 : deadlineNanos;
      if (!awaitChange(key, until)) {
        call.withdrawing = true;
        view.send(key.write().toFrame(FrameType.WITHDRAW));
      }
    }
    return call.result;
  }

  private boolean awaitChange(AgreementKey key, long deadlineNanos) {
    try {
      return view.awaitChange(deadlineNanos);
    } catch (RendezvousException interrupted) {
      view.send(key.write().toFrame(FrameType.WITHDRAW));
      throw interrupted;
    }
  }

  private static Frame offer(AgreementKey key, Call call) {
    call.offered = true;
    return new Resume.Contribution(key, call.contribution).toFrame();
  }

  /// Sends the new server what it has not heard with the RESUME.
  void connected(FramePeer server) {
    calls.forEach((key, call) -> {
      if (!call.offered) {
        server.send(offer(key, call));
      }
      if (call.withdrawing) {
        server.send(key.write().toFrame(FrameType.WITHDRAW));
      }
    });
  }

  /// Forgets what only the lost server knew.
  void disconnected() {
    collector = new Proposal.Collector();
    calls.values().forEach(call -> call.offered = false);
  }

  /// Returns the proposals that a next server must adopt.
  List<Proposal> kept() {
    return List.copyOf(kept.values());
  }

  /// Returns the contributions for a RESUME.
  List<Resume.Contribution> offers() {
    List<Resume.Contribution> offers = new ArrayList<>();
    calls.forEach((key, call) -> {
      if (call.result == null) {
        call.offered = true;
        offers.add(new Resume.Contribution(key, call.contribution));
      }
    });
    return offers;
  }

  /// Handles a frame about a proposal. Takes the lock itself.
  void proposal(Frame frame) throws WireFault {
    int worldSize = view.worldSize();
    Frame.Reader reader = frame.open();
    if (frame.type() == FrameType.PROPOSAL_PART) {
      collector.part(reader, worldSize); // used by the reading thread only, but for the exchange
      return;
    }
    Proposal proposal = collector.end(reader, worldSize);
    view.update(() -> kept.put(proposal.key(), proposal));
    view.send(proposal.key().write().toFrame(FrameType.ACCEPTED));
  }

  /// Handles that a proposal is the result. Takes the lock itself.
  void commit(AgreementKey key) throws WireFault {
    boolean known =
        view.withServer(_ -> {
          Proposal proposal = kept.remove(key);
          Call call = calls.get(key);
          if (call != null) {
            call.result = proposal;
          }
          return proposal != null;
        });
    if (!known) {
      throw new WireFault("commit of " + key + ", which was not proposed");
    }
    view.update(() -> {}); // wakes the caller
  }

  /// Handles that the server has taken a contribution back. Takes the lock itself.
  void withdrawn(AgreementKey key, List<Integer> missing) {
    view.update(() -> {
      Call call = calls.get(key);
      if (call != null && call.withdrawing) {
        call.missing = missing;
      }
    });
  }
}
