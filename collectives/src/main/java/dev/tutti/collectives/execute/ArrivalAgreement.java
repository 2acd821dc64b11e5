package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.transport.Channel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Agrees on whether an operation begins without a member that is late, and without which.
///
/// Members 0, 1 and 2 are *judges*. Every member tells them that it has arrived. Each judge casts
/// one vote and tells all members: [#ALL] when every member has told it so, or the number of the
/// one member that alone has not done so for as long as patience lasts. What two judges say holds;
/// if all three say different things, it is [#ALL].
///
/// Two equal votes of three leave no room for two others, so all members come to the same result in
/// whatever order they hear the votes, and nobody has to be there for that: of the judges one may
/// be the late one. Where more than one member is late, a judge waits until one alone is, because
/// with two missing there is no vote to cast.
///
/// A judge that finds the matter decided votes for what was decided. So every member sends and
/// receives the same messages in each operation, whatever happened, and [#drain] can leave the
/// channels empty. They have a lane of their own, because what a late member had to say arrives
/// while the data of others are under way.
///
/// Used by one thread at a time. Allocates nothing after construction.
final class ArrivalAgreement {
  /// The decision to wait for everybody.
  static final int ALL = -1;

  private static final int JUDGES = 3;
  private static final int ARRIVED = -2; // a message that is no vote
  static final int NONE = -3; // instead of a vote

  private final Members members;
  private final int index;
  private final boolean judge; // whether this member is one
  private final Channel.@Nullable Sender[] senders; // by member, null where nothing is sent
  private final Channel.@Nullable Receiver[] receivers;
  private final int[] missing; // messages still to come in this operation, by member
  private final boolean[] here; // members that have arrived, as far as a judge has heard
  private final int[] votes = new int[JUDGES];
  private boolean running;

  /// Connects to the members that have something to say to each other; all do so at the same time.
  ///
  /// @param lane the lane for these messages alone
  ArrivalAgreement(Members members, int lane) {
    this.members = members;
    this.index = members.index();
    this.judge = index < JUDGES;
    int size = members.size();
    this.senders = new Channel.Sender[size];
    this.receivers = new Channel.Receiver[size];
    this.missing = new int[size];
    this.here = new boolean[size];
    for (int peer = 0; peer < size; peer++) {
      if (peer != index && (judge || peer < JUDGES)) {
        senders[peer] = members.channels().to(peer, lane);
        receivers[peer] = members.channels().from(peer, lane);
      }
    }
  }

  /// Says that this member has arrived, and waits for the decision.
  ///
  /// @param patienceNanos how long a judge waits for the only member that is missing
  /// @return the member to begin without, or [#ALL]
  int agree(long patienceNanos) {
    begin();
    int decision = decision();
    long alone = 0; // when one member alone began to be missing, 0 for not yet
    long start = 0;
    for (int round = 0; decision == NONE; decision = decision()) {
      boolean moved = listen();
      if (judge && votes[index] == NONE && decision() == NONE) {
        int last = lastMissing();
        if (last >= 0 && alone == 0) {
          alone = System.nanoTime();
        }
        if (last == ALL || (last >= 0 && System.nanoTime() - alone >= patienceNanos)) {
          vote(last);
          moved = true;
        }
      }
      if (moved) {
        round = 0;
        start = 0;
      } else {
        start = members.progress() ? 0 : members.idle(round++, start);
      }
    }
    if (judge && votes[index] == NONE) {
      vote(decision);
    }
    running = false;
    return decision;
  }

  private void begin() {
    running = true;
    Arrays.fill(here, false);
    Arrays.fill(votes, NONE);
    here[index] = true;
    for (int peer = 0; peer < missing.length; peer++) {
      boolean peerJudges = peer < JUDGES;
      missing[peer] = peer == index ? 0 : (judge ? 1 : 0) + (peerJudges ? 1 : 0);
      if (peerJudges) {
        tell(peer, ARRIVED);
      }
    }
  }

  /// Returns the only member that this judge has not heard of, [#ALL] if it has heard of all, NONE
  /// if several are missing.
  private int lastMissing() {
    int last = ALL;
    for (int member = 0; member < here.length; member++) {
      if (!here[member]) {
        if (last != ALL) {
          return NONE;
        }
        last = member;
      }
    }
    return last;
  }

  private void vote(int vote) {
    votes[index] = vote;
    for (int peer = 0; peer < senders.length; peer++) {
      tell(peer, vote);
    }
  }

  private void tell(int peer, int word) {
    Channel.Sender sender = senders[peer];
    if (sender == null) {
      return;
    }
    long start = 0;
    long slot = sender.claim();
    for (int round = 0; slot == Channel.NONE; slot = sender.claim()) {
      start = members.progress() ? 0 : members.idle(round++, start);
    }
    Memory.putLong(slot, word);
    sender.publish(Long.BYTES);
    members.wakePeers();
  }

  /// Takes the messages that have come; returns whether there were any.
  private boolean listen() {
    boolean heard = false;
    for (int peer = 0; peer < missing.length; peer++) {
      Channel.Receiver receiver = receivers[peer];
      while (receiver != null && missing[peer] > 0) {
        long message = receiver.poll();
        if (message == Channel.NONE) {
          break;
        }
        hear(peer, (int) Memory.getLong(message));
        members.release(receiver);
        missing[peer]--;
        heard = true;
      }
    }
    return heard;
  }

  private void hear(int peer, int word) {
    if (word == ARRIVED) {
      here[peer] = true;
    } else {
      votes[peer] = word;
    }
  }

  private int decision() {
    return decision(votes[0], votes[1], votes[2]);
  }

  /// Returns what three votes decide, NONE if votes that are still missing will.
  static int decision(int a, int b, int c) {
    if (a != NONE && (a == b || a == c)) {
      return a;
    }
    if (b != NONE && b == c) {
      return b;
    }
    return a == NONE || b == NONE || c == NONE ? NONE : ALL;
  }

  /// Takes what members had to say after the decision, once all of them have arrived.
  void drain() {
    long start = 0;
    for (int round = 0; !isDrained(); ) {
      if (listen()) {
        round = 0;
        start = 0;
      } else {
        start = members.progress() ? 0 : members.idle(round++, start);
      }
    }
  }

  private boolean isDrained() {
    for (int messages : missing) {
      if (messages > 0) {
        return false;
      }
    }
    return true;
  }

  /// Returns a member that the agreement under way waits for, -1 if there is none: one that a judge
  /// has not heard of, or a judge whose vote is missing. For the thread that runs it.
  int awaited() {
    for (int member = 0; running && judge && member < here.length; member++) {
      if (!here[member]) {
        return member;
      }
    }
    for (int other = 0; running && other < JUDGES; other++) {
      if (other != index && votes[other] == NONE) {
        return other;
      }
    }
    return -1;
  }
}
