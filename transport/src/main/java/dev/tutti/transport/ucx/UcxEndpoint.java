package dev.tutti.transport.ucx;

import dev.tutti.bindings.ucx.UcxContext;
import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.NetworkEndpoint;
import dev.tutti.transport.Waiter;
import dev.tutti.transport.tcp.TcpEndpoint;

/// UCX as one rank uses it: one per rank and world.
///
/// Workers find each other through the authenticated connections of a [TcpEndpoint], so nobody is
/// told this rank's address who does not know the job's secret. What travels over UCX afterwards is
/// neither authenticated nor encrypted: whoever can reach UCX's ports or the fabric and guesses a
/// worker's identity can disturb a job, as with every program on UCX; [UcxAccess] keeps UCX from
/// opening ports to strangers. A message of unknown origin is dropped, one of impossible size ends
/// the communicator.
///
/// All methods may be called by any thread.
public final class UcxEndpoint implements NetworkEndpoint {
  private final UcxContext context;
  private final TcpEndpoint control;
  private final UcxOptions options;
  private int workers; // guarded by this
  private boolean closed; // guarded by this

  private UcxEndpoint(UcxContext context, TcpEndpoint control, UcxOptions options) {
    this.context = context;
    this.control = control;
    this.options = options;
  }

  /// Opens UCX's devices.
  ///
  /// @param control for setting up connections; belongs to this endpoint from now on
  /// @throws dev.tutti.bindings.LibraryNotFoundException if UCX is not installed
  /// @throws dev.tutti.bindings.NativeCallException if UCX refuses
  public static UcxEndpoint open(UcxOptions options, TcpEndpoint control) {
    return new UcxEndpoint(
        UcxContext.open(options.settings(), UcxTag.SENDER_MASK), control, options);
  }

  @Override
  public String transport() {
    return "ucx";
  }

  UcxOptions options() {
    return options;
  }

  TcpEndpoint control() {
    return control;
  }

  /// Makes the network of a communicator; nothing is connected yet.
  ///
  /// @param communicator id of the communicator, the same on all members
  /// @param members world ranks of the members, at most 65,536
  /// @param index this rank's place among them
  /// @param lanes number of lanes, at most 16,384
  /// @param check called now and then while waiting; throws to give up
  @Override
  public UcxNetwork network(
      long communicator, int[] members, int index, int lanes, Waiter.Check check) {
    if (members.length > UcxTag.MOST_MEMBERS || lanes > UcxTag.MOST_LANES) {
      throw new IllegalArgumentException(
          members.length
              + " members and "
              + lanes
              + " lanes, but UCX takes at most "
              + UcxTag.MOST_MEMBERS
              + " members and "
              + UcxTag.MOST_LANES
              + " lanes");
    }
    return new UcxNetwork(this, communicator, members, index, lanes, check);
  }

  synchronized UcxWorker worker() {
    if (closed) {
      throw new IllegalStateException("the UCX endpoint is closed");
    }
    UcxWorker worker = context.worker();
    workers++;
    return worker;
  }

  synchronized void workerClosed() {
    workers--;
    closeContextIfUnused();
  }

  private void closeContextIfUnused() {
    if (closed && workers == 0) {
      context.close();
    }
  }

  /// Closes the devices, as soon as all networks are closed, but not what connections were to be
  /// set up by; returns that.
  public synchronized TcpEndpoint release() {
    if (!closed) {
      closed = true;
      closeContextIfUnused();
    }
    return control;
  }

  /// Stops listening, and closes the devices as soon as all networks are closed.
  @Override
  public void close() {
    release().close();
  }
}
