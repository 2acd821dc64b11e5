package dev.tutti.collectives.record;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the format of [DumpJson].
final class DumpJsonReader {
  private DumpJsonReader() {}

  static Dump read(String text) {
    JsonTree dump = JsonTree.parse(text);
    JsonTree schema = dump.get("schema");
    if (!schema.text().equals(DumpJson.SCHEMA)) {
      throw new RecordFormatException(
          "schema is \"" + schema.text() + "\", expected \"" + DumpJson.SCHEMA + "\"");
    }
    Identity identity = identity(dump);
    JsonTree time = dump.get("time");
    JsonTree failure = dump.find("failure");
    JsonTree waiting = dump.find("waiting");
    JsonTree absent = dump.find("absent");
    return new Dump(
        identity,
        time.get("wallNanos").number(),
        time.get("nanos").number(),
        time.get("startNanos").number(),
        dump.get("entered").number(),
        counters(dump.get("counters")),
        failure == null ? null : failure(failure),
        waiting == null ? null : waiting(waiting, identity.size()),
        absent == null ? null : ranks(absent, identity.size()),
        peers(dump.get("peers"), identity.size()),
        dump.get("operations").list().stream().map(DumpJsonReader::operation).toList());
  }

  private static Identity identity(JsonTree dump) {
    List<Integer> members = ranks(dump.get("members"), RecordLayout.MAX_MEMBERS);
    int size = dump.get("size").number(1, RecordLayout.MAX_MEMBERS);
    if (members.size() != size) {
      throw new RecordFormatException(
          "members has " + members.size() + " ranks, expected size, which is " + size);
    }
    return new Identity(
        dump.get("communicator").text(),
        dump.get("rank").number(0, size - 1),
        members,
        dump.get("transport").text(),
        dump.get("host").text(),
        dump.get("hostId").text(),
        dump.get("pid").number(),
        dump.get("job").text());
  }

  private static List<Integer> ranks(JsonTree list, int size) {
    List<Integer> ranks = new ArrayList<>();
    for (JsonTree rank : list.list()) {
      ranks.add(rank.number(0, size - 1));
    }
    return ranks;
  }

  private static Map<Counter, Long> counters(JsonTree tree) {
    Map<Counter, Long> counters = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      counters.put(counter, tree.get(DumpJson.name(counter)).number());
    }
    return counters;
  }

  private static Dump.@Nullable Failure failure(JsonTree tree) {
    return new Dump.Failure(
        tree.get("operation").number(),
        tree.get("kind").text(),
        tree.get("message").text(),
        tree.get("wallNanos").number(),
        tree.get("nanos").number());
  }

  private static Dump.@Nullable Wait waiting(JsonTree tree, int size) {
    return new Dump.Wait(
        tree.get("peer").number(-1, size - 1),
        tree.get("operation").number(),
        tree.get("sinceNanos").number(),
        tree.get("seenNanos").number());
  }

  private static List<Dump.Peer> peers(JsonTree list, int size) {
    List<Dump.Peer> peers = new ArrayList<>();
    for (JsonTree peer : list.list()) {
      peers.add(
          new Dump.Peer(
              peer.get("worldRank").number(0, RecordLayout.MAX_MEMBERS),
              peer.get("waits").number(),
              peer.get("waitedNanos").number(),
              peer.get("transfers").number(),
              peer.get("transferBytes").number(),
              peer.get("transferNanos").number(),
              peer.get("bestBytesPerSecond").number()));
    }
    if (peers.size() != size) {
      throw new RecordFormatException(
          "peers has " + peers.size() + " entries, expected size, which is " + size);
    }
    return peers;
  }

  private static Dump.Operation operation(JsonTree tree) {
    JsonTree begin = tree.find("beginNanos");
    JsonTree end = tree.find("endNanos");
    return new Dump.Operation(
        tree.get("number").number(),
        tree.get("call").text(),
        tree.get("kind").constant(Dump.Kind.class),
        tree.get("bytes").number(),
        tree.get("algorithm").text(),
        tree.get("state").constant(Dump.State.class),
        begin == null ? 0 : begin.number(),
        end == null ? 0 : end.number(),
        tree.get("stalled").flag());
  }
}
