package dev.tutti.transport.rendezvous;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Names one [Membership#allGather]: the caller's tag and who takes part.
///
/// @param tag chosen by the caller
/// @param members world ranks, in the order of the result
record GatherKey(long tag, List<Integer> members) {
  Frame.Writer write() {
    Frame.Writer writer = new Frame.Writer().putLong(tag).putInt(members.size());
    for (int member : members) {
      writer.putInt(member);
    }
    return writer;
  }

  /// Reads a key; the members are distinct ranks of the world.
  static GatherKey read(Frame.Reader reader, int worldSize) throws WireFault {
    long tag = reader.getLong();
    int count = reader.getInt();
    if (count < 1 || count > worldSize || count > reader.remaining() / Integer.BYTES) {
      throw new WireFault(count + " members of a gather in a world of " + worldSize);
    }
    List<Integer> members = new ArrayList<>(count);
    Set<Integer> seen = HashSet.newHashSet(count);
    for (int i = 0; i < count; i++) {
      int member = reader.getInt();
      if (member < 0 || member >= worldSize || !seen.add(member)) {
        throw new WireFault("member " + member + " of a gather is out of range or named twice");
      }
      members.add(member);
    }
    return new GatherKey(tag, List.copyOf(members));
  }
}
