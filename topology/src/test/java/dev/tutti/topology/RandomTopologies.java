package dev.tutti.topology;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Seeded topologies for tests that hold for all of them. Equal seeds give equal topologies.
public final class RandomTopologies {
  private RandomTopologies() {}

  /// Makes a topology of everything that the model holds: nested nodes of all kinds, links of all
  /// kinds with and without numbers, attributes with odd characters, ranks that share nodes.
  public static Topology any(long seed) {
    Random random = new Random(seed);
    Topology.Builder builder = Topology.builder(text(random));
    attributes(random).forEach(builder::attribute);
    int nodes = 1 + random.nextInt(12);
    for (int i = 0; i < nodes; i++) {
      String parent = i == 0 || random.nextBoolean() ? null : "n" + random.nextInt(i);
      NodeKind kind = NodeKind.values()[random.nextInt(NodeKind.values().length)];
      builder.node(new Node("n" + i, kind, text(random), parent, attributes(random)));
    }
    for (int i = random.nextInt(30); i > 0 && nodes > 1; i--) {
      int from = random.nextInt(nodes);
      int to = (from + 1 + random.nextInt(nodes - 1)) % nodes;
      builder.link(link(random, "n" + from, "n" + to));
    }
    for (int i = random.nextInt(8); i > 0; i--) {
      int rank = random.nextInt(20);
      if (!builder.ranks().containsKey(rank)) {
        builder.rank(rank, "n" + random.nextInt(nodes));
      }
    }
    return builder.build();
  }

  private static Link link(Random random, String from, String to) {
    Measurement measured =
        random.nextInt(3) > 0
            ? null
            : new Measurement(rate(random), maybe(random), maybe(random), maybe(random));
    return new Link(
        from,
        to,
        LinkKind.values()[random.nextInt(LinkKind.values().length)],
        random.nextInt(3) * random.nextInt(19),
        maybe(random),
        maybe(random),
        measured,
        text(random),
        attributes(random));
  }

  private static @Nullable Double maybe(Random random) {
    return random.nextBoolean() ? null : Double.valueOf(rate(random));
  }

  private static double rate(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> random.nextInt(1000) * 1e9;
      case 2 -> random.nextDouble() * 1e-5;
      default -> random.nextDouble() * 1e300;
    };
  }

  private static Map<String, String> attributes(Random random) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      attributes.put(text(random), text(random));
    }
    return attributes;
  }

  private static String text(Random random) {
    String letters = "abcXYZ 019-_/\\\"'<>&{}[],:;#\n\tüß漢";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
