package dev.tutti.transport.rendezvous;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/// The result of an agreement on its way to the members: its parts, then the frame that closes it.
///
/// @param key the agreement
/// @param parts by rank: the contributions of the survivors, or what the newcomers tell
record Proposal(AgreementKey key, NavigableMap<Integer, byte[]> parts) {
  List<Frame> toFrames() {
    List<Frame> frames = new ArrayList<>();
    parts.forEach((rank, part) ->
        frames.add(key.write().putInt(rank).putBytes(part).toFrame(FrameType.PROPOSAL_PART)));
    frames.add(key.write().putInt(parts.size()).toFrame(FrameType.PROPOSAL));
    return frames;
  }

  /// Puts the frames of proposals together; those of several may come mixed.
  static final class Collector {
    private final Map<AgreementKey, NavigableMap<Integer, byte[]>> drafts = new HashMap<>();

    void part(Frame.Reader reader, int worldSize) throws WireFault {
      AgreementKey key = AgreementKey.read(reader, worldSize);
      int rank = reader.getInt();
      byte[] part = reader.getBytes();
      reader.end();
      boolean known =
          key.admits()
              ? rank >= 0 && rank < Welcome.MAX_WORLD
              : key.group().members().contains(rank);
      if (!known) {
        throw new WireFault("part of rank " + rank + " in " + key);
      }
      drafts.computeIfAbsent(key, _ -> new TreeMap<>()).put(rank, part);
    }

    Proposal end(Frame.Reader reader, int worldSize) throws WireFault {
      AgreementKey key = AgreementKey.read(reader, worldSize);
      int count = reader.getInt();
      reader.end();
      NavigableMap<Integer, byte[]> parts =
          Objects.requireNonNullElse(drafts.remove(key), new TreeMap<>());
      if (parts.size() != count) {
        throw new WireFault(parts.size() + " parts of " + count + " in " + key);
      }
      if (key.admits()) {
        for (Map.Entry<Integer, byte[]> part : parts.entrySet()) {
          newcomer(part.getKey(), part.getValue()); // a bad card must not reach the application
        }
      }
      return new Proposal(key, parts);
    }
  }

  static MemberCard newcomer(int rank, byte[] part) throws WireFault {
    return MemberCard.readPart(rank, Frame.reader(part));
  }
}
