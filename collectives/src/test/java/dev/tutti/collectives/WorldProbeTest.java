package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.probe.PairProfile;
import dev.tutti.topology.probe.ProbeDepth;
import dev.tutti.topology.probe.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class WorldProbeTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void shouldMeasureEveryPairAndAgree(int ranks) {
    AtomicReferenceArray<Profile> profiles = new AtomicReferenceArray<>(ranks);

    try (World world = World.threads(ranks)) {
      world.run(c -> profiles.set(c.rank(), c.probe(ProbeDepth.QUICK)));
    }

    Profile profile = profiles.get(0);
    for (int r = 1; r < ranks; r++) {
      assertThat(profiles.get(r)).isEqualTo(profile);
    }
    assertThat(profile.hosts()).hasSize(1);
    assertThat(profile.network()).isNull();
    assertThat(profile.pairs()).hasSize(ranks * (ranks - 1));
    assertThat(profile.pairs())
        .allSatisfy(pair -> {
          assertThat(Objects.requireNonNull(pair.latencySeconds()).median()).isBetween(1e-9, 1.0);
          assertThat(Objects.requireNonNull(pair.rate())).isGreaterThan(1e6);
        });
  }

  @Test
  void shouldKeepAProfileAndMendABrokenOne(@TempDir Path folder) throws Exception {
    Path cache = folder.resolve("profiles");
    probeKeeping(cache);
    Path file;
    try (var files = Files.list(cache)) {
      file = files.toList().getFirst();
    }
    Files.writeString(file, "{broken");

    Profile again = probeKeeping(cache);

    assertThat(ProfileJson.read(SourceFile.read(file))).isEqualTo(again);
    try (var files = Files.list(cache)) {
      assertThat(files).containsExactly(file);
    }
  }

  private static Profile probeKeeping(Path cache) {
    AtomicReferenceArray<Profile> profiles = new AtomicReferenceArray<>(2);
    try (World world = World.threads(2)) {
      world.run(c -> profiles.set(c.rank(), c.probe(cache)));
    }
    assertThat(profiles.get(1)).isEqualTo(profiles.get(0));
    return profiles.get(0);
  }

  @Test
  void shouldGatherTheTopologyOfAllRanks() {
    AtomicReferenceArray<Topology> topologies = new AtomicReferenceArray<>(2);

    try (World world = World.threads(2)) {
      world.run(c -> topologies.set(c.rank(), c.topology()));
    }

    assertThat(topologies.get(1)).isEqualTo(topologies.get(0));
    assertThat(topologies.get(0).ranks()).hasSize(2);
    assertThat(topologies.get(0).nodes(NodeKind.HOST)).hasSize(1);
  }

  @Test
  void shouldLeaveTheCommunicatorAsItWas() {
    try (World world = World.threads(3)) {
      world.run(c -> {
        Profile _ = c.probe(ProbeDepth.QUICK);
        float[] data = {c.rank()};
        c.allReduce(data, ReduceOp.SUM);
        Profile again = c.probe(ProbeDepth.QUICK);
        c.allReduce(data, ReduceOp.SUM);
        PairProfile pair = Objects.requireNonNull(again.pair(0, 2));
        assertThat(pair.to()).isEqualTo(2);
        assertThat(data[0]).isEqualTo(9);
      });
    }
  }
}
