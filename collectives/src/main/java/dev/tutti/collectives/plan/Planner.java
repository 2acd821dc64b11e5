package dev.tutti.collectives.plan;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.algorithm.LateRankAllReduce;
import dev.tutti.collectives.execute.Lowering;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.RankOrder;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.schedule.VerificationReport;
import dev.tutti.collectives.simulate.ScheduleSource;
import dev.tutti.collectives.simulate.SimulationLimitException;
import dev.tutti.collectives.simulate.SimulationOptions;
import dev.tutti.collectives.simulate.Simulator;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Chooses the schedule for a collective and size: every algorithm that supports it is a candidate,
/// the cost model ranks them, the verifier proves the winner.
///
/// Deterministic: ranks that agree on the profile agree on every plan. Not thread-safe.
public final class Planner {
  private static final int MAX_PIECES = 16;
  private static final long PIECE_BYTES = 256 << 10;
  // A schedule that begins without a late rank has done almost half before the arrival. It may take
  // so many times as long as the usual one, from its beginning, and still be done earlier.
  private static final double WORTH_BEGINNING = 1.5;

  // Below, it is the number of messages that counts, which the cost model knows as well and sooner.
  private static final long LEAST_SIMULATED = 256 << 10;
  private static final int MOST_ON_TOPOLOGY = 16; // for more, it takes too long

  private final int ranks;
  private final int lanes;
  private final long flatBytes;
  private final @Nullable String forced;
  private final Map<CandidateKey, Candidate> candidates = new HashMap<>();
  private final Map<CandidateKey, Candidate> preferred = new HashMap<>();
  // By identity: the candidates are made once, and to compare schedules takes long.
  private final IdentityHashMap<ScheduleSet, Proof> proofs = new IdentityHashMap<>();
  private final Reproducibility reproducibility;
  private final int[] hostOf;
  private int[] groupOf;
  private final boolean spread;
  private @Nullable Topology topology; // what measurements have shown, if ports or links differ
  private @Nullable Simulator simulator; // on it
  private final IdentityHashMap<ScheduleSet, Map<Long, Double>> simulated = new IdentityHashMap<>();
  private HostProfile host;
  private NetworkProfile network = NetworkProfile.typical();
  private NetworkCost betweenHosts;

  private record CandidateKey(String algorithm, Collective collective, int root, int pieces) {}

  private record Candidate(String name, ScheduleSet schedules, Lowering.@Nullable Shape shape) {}

  /// What is known of a set that has been verified.
  ///
  /// @param canonical see [VerificationReport#isCanonical()]
  /// @param uneven see [VerificationReport#allowsUnevenBlocks()]
  /// @param order see [VerificationReport#rankOrder()]
  private record Proof(boolean canonical, boolean uneven, @Nullable RankOrder order) {}

  /// Makes a planner.
  ///
  /// @param ranks number of ranks
  /// @param lanes lanes that the interpreter has channels for
  /// @param flatBytes largest vector that a flat exchange moves in one piece
  /// @param forced name of the only algorithm to use where it supports the collective, null for any
  /// @param reproducibility what sums must have in common
  /// @param hostOf number of each rank's host; ranks of different hosts do not share memory
  /// @param groupOf number of each rank's group for hierarchical algorithms
  /// @param host what the cost model starts from
  public Planner(
      int ranks,
      int lanes,
      long flatBytes,
      @Nullable String forced,
      Reproducibility reproducibility,
      int[] hostOf,
      int[] groupOf,
      HostProfile host) {
    this.ranks = ranks;
    this.lanes = lanes;
    this.flatBytes = flatBytes;
    this.forced = forced;
    this.reproducibility = reproducibility;
    this.host = host;
    this.hostOf = hostOf.clone();
    this.spread = IntStream.of(hostOf).distinct().count() > 1;
    this.groupOf = groupOf.clone();
    this.betweenHosts = new NetworkCost(hostOf, groupOf, host, network);
    if (forced != null && !forced.equals(HierarchicalAllReduce.NAME)) {
      Algorithms.named(forced);
    }
  }

  /// Replaces the profile; plans made before stay as they are.
  public void profile(HostProfile measured) {
    host = measured;
    betweenHosts = new NetworkCost(hostOf, groupOf, host, network);
  }

  /// Returns the profile of the network in use.
  public NetworkProfile network() {
    return network;
  }

  /// Replaces the profile of the network; plans made before stay as they are.
  public void network(NetworkProfile measured) {
    network = measured;
    betweenHosts = new NetworkCost(hostOf, groupOf, host, network);
  }

  /// Replaces the groups, which measurements have shown; plans made before stay as they are.
  ///
  /// @param measured number of each rank's group
  public void groups(int[] measured) {
    groupOf = measured.clone();
    betweenHosts = new NetworkCost(hostOf, groupOf, host, network);
    candidates.keySet().removeIf(key -> key.algorithm().equals(HierarchicalAllReduce.NAME));
  }

  /// Plans large vectors for what measurements have shown of links and ports: schedules that are
  /// made for a topology compete, and all are simulated on it. Plans made before stay as they are.
  ///
  /// @param measured all ranks placed; the same on all ranks
  public void measured(Topology measured) {
    topology = measured;
    simulator = new Simulator(measured, SimulationOptions.usual(measured));
    simulated.clear();
    candidates.keySet().removeIf(key -> TopologySchedules.names().contains(key.algorithm()));
  }

  /// Uses a schedule from now on for its collective and root, whatever other algorithms promise;
  /// plans made before stay as they are.
  ///
  /// @param name what people shall see as its algorithm
  /// @throws IllegalArgumentException if it is for another number of ranks or has too many lanes
  public void prefer(String name, ScheduleSet schedules) {
    if (schedules.ranks() != ranks) {
      throw new IllegalArgumentException(
          name + " is for " + schedules.ranks() + " ranks, the communicator has " + ranks);
    }
    if (!fits(schedules)) {
      throw new IllegalArgumentException(
          name + " has more than the " + lanes + " lanes of the communicator; see tutti.lanes");
    }
    preferred.put(
        new CandidateKey("", schedules.collective(), schedules.root(), 1),
        new Candidate(name, schedules, spread ? null : Lowering.shapeOf(schedules)));
  }

  /// Returns a planner for some of the ranks, with the options and the profiles of this one.
  ///
  /// @param members the ranks, which have the numbers from 0 there
  public Planner ofMembers(int[] members) {
    Planner planner =
        new Planner(
            members.length,
            lanes,
            flatBytes,
            forced,
            reproducibility,
            IntStream.of(members).map(m -> hostOf[m]).toArray(),
            IntStream.of(members).map(m -> groupOf[m]).toArray(),
            host);
    planner.network(network);
    return planner;
  }

  /// Returns the profile in use.
  public HostProfile profile() {
    return host;
  }

  /// Returns how many pieces a whole-vector message is cut into where the algorithm pipelines.
  public static int pieces(long vectorBytes) {
    return Math.clamp(vectorBytes / PIECE_BYTES, 1, MAX_PIECES);
  }

  /// Returns the largest size that shares its plan with a vector size: sizes between powers of two
  /// do, and the plan is made for the largest.
  public static long largestOfClass(long vectorBytes) {
    int sizeClass = Long.SIZE - Long.numberOfLeadingZeros(vectorBytes);
    return sizeClass == 0 ? 0 : Math.max(vectorBytes, (1L << sizeClass) - 1);
  }

  /// Returns the plan for a vector size.
  ///
  /// @throws dev.tutti.collectives.schedule.InvalidScheduleException if the chosen schedule does
  ///   not verify, which is a bug in its algorithm
  public Plan plan(Collective collective, long vectorBytes, int root) {
    return plan(collective, BlockLengths.EQUAL, vectorBytes, root);
  }

  /// Returns the plan for a vector size.
  ///
  /// @param lengths whether it is for equal blocks
  /// @param vectorBytes the same on all ranks, even if it is but a guess
  /// @throws dev.tutti.collectives.schedule.InvalidScheduleException if the chosen schedule does
  ///   not verify, which is a bug in its algorithm
  public Plan plan(Collective collective, BlockLengths lengths, long vectorBytes, int root) {
    return plan(collective, lengths, vectorBytes, root, Forms.ANY, OperandOrder.ANY);
  }

  /// Returns the plan for a vector size, possibly for the interpreter alone or in rank order.
  ///
  /// @throws IllegalArgumentException if sums must be canonical, or operands in rank order, and no
  ///   algorithm that may be used makes such
  public Plan plan(
      Collective collective,
      BlockLengths lengths,
      long vectorBytes,
      int root,
      Forms forms,
      OperandOrder order) {
    Plan best = null;
    for (Candidate candidate : candidates(collective, lengths, vectorBytes, root, forms)) {
      ScheduleSet schedules = candidate.schedules();
      RankOrder ranked = order == OperandOrder.RANK ? proof(schedules).order() : null;
      double seconds = seconds(candidate, vectorBytes);
      boolean fits = order == OperandOrder.ANY || ranked != null;
      if (fits && (best == null || seconds < best.predictedSeconds())) {
        best = new Plan(candidate.name(), schedules, candidate.shape(), ranked, seconds);
      }
    }
    if (best == null && needsCanonical(collective)) {
      throw unknown("tutti.reproducibility is canonical, but no canonical ", collective, "");
    }
    if (best == null && order == OperandOrder.RANK) {
      throw unknown("no ", collective, " that combines in rank order");
    }
    if (best == null) {
      throw new IllegalStateException(
          "no algorithm supports " + collective.label() + " for " + ranks + " ranks");
    }
    Proof _ = proof(best.schedules()); // nothing runs without
    return best;
  }

  private IllegalArgumentException unknown(String none, Collective collective, String that) {
    String by = forced == null ? "" : " by " + forced;
    return new IllegalArgumentException(
        none + collective.label() + by + that + " is known for " + ranks + " ranks");
  }

  /// Returns the size of the vector of an all-to-all in which each rank sends `bytes`.
  long allToAllBytes(long bytes) {
    return Collective.ALL_TO_ALL.vectorBytes(bytes, ranks);
  }

  /// Returns whether there is a plan for the arguments of [#plan].
  public boolean hasPlan(
      Collective collective, BlockLengths lengths, long vectorBytes, int root, Forms forms) {
    return !candidates(collective, lengths, vectorBytes, root, forms).isEmpty();
  }

  /// Returns all candidates, best first, for people to look at.
  public List<Plan> ranking(Collective collective, long vectorBytes, int root) {
    return candidates(collective, BlockLengths.EQUAL, vectorBytes, root, Forms.ANY).stream()
        .map(c -> new Plan(c.name(), c.schedules(), c.shape(), null, seconds(c, vectorBytes)))
        .sorted((a, b) -> Double.compare(a.predictedSeconds(), b.predictedSeconds()))
        .toList();
  }

  /// Returns the plan of an all-reduce whose last rank comes late, to be used instead of the usual
  /// one when it does; that for another late rank is the same with other names for the ranks.
  ///
  /// Null where it does not pay: its bytes take longer than those of the usual plan, and must not
  /// lose what is gained by moving almost half of them before the arrival. Latency is left out: it
  /// is bounded by the size of pieces, and what a busy host measured of it at join says little.
  ///
  /// @throws dev.tutti.collectives.schedule.InvalidScheduleException as [#plan]
  public @Nullable Plan lateRankPlan(Plan usual, long vectorBytes) {
    if (ranks < LateRankAllReduce.LEAST_RANKS || lanes < LateRankAllReduce.LEAST_LANES) {
      return null;
    }
    int pieces = LateRankAllReduce.pieces(ranks, vectorBytes);
    String name = LateRankAllReduce.NAME;
    Candidate late =
        candidates.computeIfAbsent(
            new CandidateKey(name, Collective.ALL_REDUCE, 0, pieces),
            _ ->
                new Candidate(
                    name, LateRankAllReduce.scheduleSet(ranks, ranks - 1, pieces, lanes), null));
    Candidate other = new Candidate(usual.algorithm(), usual.schedules(), usual.shape());
    if (secondsOfBytes(late, vectorBytes) > WORTH_BEGINNING * secondsOfBytes(other, vectorBytes)) {
      return null;
    }
    Proof _ = proof(late.schedules());
    return new Plan(name, late.schedules(), null, null, seconds(late, vectorBytes));
  }

  private double secondsOfBytes(Candidate candidate, long vectorBytes) {
    return seconds(candidate, vectorBytes) - seconds(candidate, 0);
  }

  private double seconds(Candidate candidate, long vectorBytes) {
    Simulator model = simulator;
    if (model != null && vectorBytes >= LEAST_SIMULATED) {
      return simulated
          .computeIfAbsent(candidate.schedules(), _ -> new HashMap<>())
          .computeIfAbsent(vectorBytes, _ -> simulated(model, candidate, vectorBytes));
    }
    if (spread) {
      return betweenHosts.seconds(candidate.schedules(), vectorBytes);
    }
    return CostModel.seconds(
        candidate.schedules(), candidate.shape(), vectorBytes, flatBytes, host);
  }

  private double simulated(Simulator model, Candidate candidate, long vectorBytes) {
    try {
      return model.predict(ScheduleSource.of(candidate.schedules()), vectorBytes).seconds();
    } catch (SimulationLimitException _) {
      return betweenHosts.seconds(candidate.schedules(), vectorBytes);
    }
  }

  private boolean needsCanonical(Collective collective) {
    return reproducibility == Reproducibility.CANONICAL && collective.reduces();
  }

  /// Verifies a set unless that has been done.
  private Proof proof(ScheduleSet schedules) {
    return proofs.computeIfAbsent(
        schedules,
        set -> {
          // No slots assumed: chunks may be longer than any channel. A barrier's empty messages fit
          // in
          // one.
          int slots = set.collective() == Collective.BARRIER ? 1 : 0;
          VerificationReport report = ScheduleVerifier.verifyOrThrow(set, slots);
          return new Proof(report.isCanonical(), report.allowsUnevenBlocks(), report.rankOrder());
        });
  }

  /// Returns what may be used, of several forms.
  private List<Candidate> candidates(
      Collective collective, BlockLengths lengths, long vectorBytes, int root, Forms forms) {
    return candidates(collective, lengths, vectorBytes, root).stream()
        .filter(each -> !needsCanonical(collective) || proof(each.schedules()).canonical())
        .map(each ->
            forms == Forms.INTERPRETED ? new Candidate(each.name(), each.schedules(), null) : each)
        .filter(each -> each.shape() != null || (forms != Forms.LOWERED && fits(each.schedules())))
        .toList();
  }

  private List<Candidate> candidates(
      Collective collective, BlockLengths lengths, long vectorBytes, int root) {
    Candidate only =
        preferred.get(new CandidateKey("", collective, collective.isRooted() ? root : 0, 1));
    if (only != null && lengths == BlockLengths.EQUAL) {
      return List.of(only);
    }
    int pieces = pieces(vectorBytes);
    List<Candidate> result = new ArrayList<>();
    boolean hierarchical = collective == Collective.ALL_REDUCE && isHierarchical();
    if (hierarchical) {
      Candidate candidate = hierarchical(pieces);
      if (fits(candidate.schedules())) {
        result.add(candidate);
      }
      if (HierarchicalAllReduce.NAME.equals(forced) && !result.isEmpty()) {
        return result;
      }
    }
    if (forced == null && lengths == BlockLengths.EQUAL && vectorBytes >= LEAST_SIMULATED) {
      result.addAll(onTopology(collective, root, pieces));
    }
    for (Algorithm algorithm : algorithms(collective, lengths, root)) {
      Candidate candidate = candidate(algorithm, collective, root, pieces);
      if (lengths == BlockLengths.UNEVEN) {
        Lowering.Shape shape = candidate.shape();
        boolean lowers =
            shape != null && shape.allowsUnevenBlocks() && shape.leastFlatBytes(ranks) <= flatBytes;
        candidate = new Candidate(candidate.name(), candidate.schedules(), lowers ? shape : null);
      }
      if (candidate.shape() != null || fits(candidate.schedules())) {
        result.add(candidate);
      }
    }
    return result;
  }

  /// Returns the schedules that are made for the topology, if one was measured.
  private List<Candidate> onTopology(Collective collective, int root, int pieces) {
    Topology network = topology;
    if (network == null || ranks > MOST_ON_TOPOLOGY) {
      return List.of();
    }
    List<Candidate> result = new ArrayList<>();
    for (String name : TopologySchedules.supporting(collective)) {
      Candidate candidate =
          candidates.computeIfAbsent(
              new CandidateKey(name, collective, root, pieces),
              _ -> {
                TopologySchedules.Request request =
                    new TopologySchedules.Request(collective, root, pieces, lanes);
                return new Candidate(
                    name, TopologySchedules.schedules(name, network, request).schedules(), null);
              });
      if (fits(candidate.schedules())) {
        result.add(candidate);
      }
    }
    return result;
  }

  /// Returns the algorithms to choose from: the forced one if it will do.
  private List<Algorithm> algorithms(Collective collective, BlockLengths lengths, int root) {
    List<Algorithm> able =
        Algorithms.supporting(collective, ranks).stream()
            .filter(a ->
                lengths == BlockLengths.EQUAL
                    || proof(candidate(a, collective, root, 1).schedules()).uneven())
            .toList();
    List<Algorithm> wanted = able.stream().filter(a -> a.name().equals(forced)).toList();
    return wanted.isEmpty() ? able : wanted;
  }

  /// Returns whether there are several groups and not every one is a rank alone.
  private boolean isHierarchical() {
    long groups = IntStream.of(groupOf).distinct().count();
    return groups > 1 && (spread || forced != null) && groups < ranks;
  }

  /// Returns the hierarchical candidate with as many pieces as there are lanes for.
  private Candidate hierarchical(int wantedPieces) {
    int most = Math.max(1, lanes / HierarchicalAllReduce.lanes(groupOf, 1));
    int pieces = Math.min(wantedPieces, most);
    String name = HierarchicalAllReduce.NAME;
    return candidates.computeIfAbsent(
        new CandidateKey(name, Collective.ALL_REDUCE, 0, pieces),
        _ -> new Candidate(name, HierarchicalAllReduce.scheduleSet(groupOf, pieces), null));
  }

  private Candidate candidate(
      Algorithm algorithm, Collective collective, int root, int wantedPieces) {
    int pieces = algorithm.pipelines(collective) ? wantedPieces : 1;
    return candidates.computeIfAbsent(
        new CandidateKey(algorithm.name(), collective, root, pieces),
        key -> {
          ScheduleSet schedules = algorithm.scheduleSet(collective, ranks, root, pieces);
          return new Candidate(algorithm.name(), schedules, spread ? null : shape(schedules));
        });
  }

  private Lowering.@Nullable Shape shape(ScheduleSet schedules) {
    Lowering.Shape shape = Lowering.shapeOf(schedules);
    boolean needsTable =
        shape == Lowering.Shape.GATHER
            || shape == Lowering.Shape.SCATTER
            || shape == Lowering.Shape.TAKE_OWN;
    return shape != null && needsTable && shape.leastFlatBytes(ranks) > flatBytes ? null : shape;
  }

  private boolean fits(ScheduleSet schedules) {
    return schedules.schedules().stream().allMatch(s -> s.lanes().size() <= lanes);
  }
}
