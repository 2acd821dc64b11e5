package dev.tutti.bindings.nccl;

import java.util.ArrayList;
import java.util.List;

/// The group that a thread has open with a library: how deep, and which communicators have calls in
/// it. Owner: the thread.
final class NcclGroup {
  private final String thread = Thread.currentThread().getName();
  private final List<NcclCommunicator> members = new ArrayList<>();
  private int depth;

  boolean isOpen() {
    return depth > 0;
  }

  void started() {
    depth++;
  }

  /// Notes that a communicator has calls in this group; once per communicator.
  void add(NcclCommunicator communicator) {
    members.add(communicator);
  }

  /// Notes the end of the innermost group; that of the outermost frees its members.
  void ended() {
    depth--;
    if (depth > 0) {
      return;
    }
    for (int i = 0; i < members.size(); i++) {
      members.get(i).groupEnded();
    }
    members.clear(); // keeps its room: a group per step makes no garbage
  }

  String thread() {
    return thread;
  }
}
