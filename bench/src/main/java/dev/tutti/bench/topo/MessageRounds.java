package dev.tutti.bench.topo;

import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The messages of a schedule by rounds: each in the first round in which everything it waits for
/// has happened, if every message took one round.
final class MessageRounds {
  private final ScheduleSet set;
  private final Map<Channel, Deque<Integer>> underWay = new HashMap<>(); // rounds of messages
  private final int[][] at; // by rank and lane: the current step
  private final int[][] done; // by rank and lane: the round after which the last step had ended
  private final int[][][] ends; // by rank, lane and step: likewise
  private final List<List<Message>> rounds = new ArrayList<>();

  /// A message.
  ///
  /// @param from rank that sends
  /// @param to rank that receives
  /// @param lane its lane
  /// @param chunk what it carries
  record Message(int from, int to, int lane, int chunk) {}

  private record Channel(int from, int to, int lane) {}

  private MessageRounds(ScheduleSet set) {
    this.set = set;
    int ranks = set.ranks();
    at = new int[ranks][];
    done = new int[ranks][];
    ends = new int[ranks][][];
    for (int r = 0; r < ranks; r++) {
      List<Lane> lanes = set.schedules().get(r).lanes();
      at[r] = new int[lanes.size()];
      done[r] = new int[lanes.size()];
      ends[r] = new int[lanes.size()][];
      for (int l = 0; l < lanes.size(); l++) {
        ends[r][l] = new int[lanes.get(l).steps().size()];
        Arrays.fill(ends[r][l], -1);
      }
    }
  }

  /// Sorts the messages of a proven schedule.
  ///
  /// @throws IllegalArgumentException if it does not come to its end
  static List<List<Message>> of(ScheduleSet set) {
    MessageRounds rounds = new MessageRounds(set);
    while (rounds.advance()) {
      // until nothing moves
    }
    for (int r = 0; r < set.ranks(); r++) {
      for (int l = 0; l < rounds.at[r].length; l++) {
        if (rounds.at[r][l] < rounds.ends[r][l].length) {
          throw new IllegalArgumentException("rank " + r + " does not come to its end");
        }
      }
    }
    return rounds.rounds;
  }

  private boolean advance() {
    boolean moved = false;
    for (int r = 0; r < at.length; r++) {
      for (int l = 0; l < at[r].length; l++) {
        while (at[r][l] < ends[r][l].length && step(r, l)) {
          moved = true;
        }
      }
    }
    return moved;
  }

  /// Runs the current step of a lane if all that it waits for has happened.
  private boolean step(int rank, int lane) {
    Step step = set.schedules().get(rank).lanes().get(lane).steps().get(at[rank][lane]);
    int start = done[rank][lane];
    for (Dependency dependency : step.after()) {
      int end = ends[rank][dependency.lane()][dependency.step()];
      if (end < 0) {
        return false;
      }
      start = Math.max(start, end);
    }
    if (step.kind().receives()) {
      Deque<Integer> messages = underWay.get(new Channel(step.receivePeer(), rank, lane));
      if (messages == null || messages.isEmpty()) {
        return false;
      }
      start = Math.max(start, messages.remove() + 1);
    }
    int end = start;
    if (step.kind().sends()) {
      while (rounds.size() <= start) {
        rounds.add(new ArrayList<>());
      }
      int chunk = step.shape().index() % set.partition().chunks();
      rounds.get(start).add(new Message(rank, step.sendPeer(), lane, chunk));
      underWay
          .computeIfAbsent(new Channel(rank, step.sendPeer(), lane), _ -> new ArrayDeque<>())
          .add(start);
      end = start + 1;
    }
    ends[rank][lane][at[rank][lane]] = end;
    done[rank][lane] = end;
    at[rank][lane]++;
    return true;
  }
}
