package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.MismatchException;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.Waiter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The members of one communicator that share memory: their blocks, their entries, their progress.
///
/// Every operation begins with an *entry*: each member publishes what it called and where its
/// buffers are, and waits for the entries of all others. That is where mismatches are found, and it
/// is what makes two entry lines and two flat slots per member enough: a member publishes entry k +
/// 2 only after it has seen all entries k + 1, which their owners published after they had finished
/// k.
///
/// Used by one thread at a time.
final class SharedGroup {
  private static final int PIPELINE_SLOTS = 4;
  private static final int NOBODY = -1;

  final MemoryDomain domain;
  final GroupLayout layout;
  final int size;
  final int index;
  final Waiter waiter;
  final long own;

  /// Window slices that all members have gone through; the same on every member between operations.
  long slices;

  /// How many of the window's slots are in use, in turn.
  int rotation;

  private final int[] members; // rank in the domain by index
  private final int[] names; // number in the communicator by index
  private final long[] blocks; // address of each member's block
  private final long[] inlineEven; // address of each member's entry payload for even operations
  private final long[] inlineOdd;
  private final long[] flatEven;
  private final long[] flatOdd;
  private final long[] sendBuffers; // this operation's buffers by member, valid if shared
  private final long[] receiveBuffers;
  private final long[] flags;
  private long sequence; // entries published
  private long completed; // operations on shared buffers completed

  SharedGroup(
      MemoryDomain domain,
      GroupLayout layout,
      int[] members,
      int[] names,
      int index,
      long[] blocks,
      Waiter waiter) {
    this.domain = domain;
    this.layout = layout;
    this.size = members.length;
    this.rotation = layout.windowSlots();
    this.index = index;
    this.members = members.clone();
    this.names = names.clone();
    this.blocks = blocks.clone();
    this.own = blocks[index];
    this.waiter = waiter;
    this.inlineEven = new long[size];
    this.inlineOdd = new long[size];
    this.flatEven = new long[size];
    this.flatOdd = new long[size];
    for (int m = 0; m < size; m++) {
      inlineEven[m] = GroupLayout.entry(blocks[m], 0) + GroupLayout.ENTRY_PAYLOAD;
      inlineOdd[m] = GroupLayout.entry(blocks[m], 1) + GroupLayout.ENTRY_PAYLOAD;
      flatEven[m] = layout.flat(blocks[m], 0);
      flatOdd[m] = layout.flat(blocks[m], 1);
    }
    this.sendBuffers = new long[size];
    this.receiveBuffers = new long[size];
    this.flags = new long[size];
    Memory.putLongRelease(own + GroupLayout.OWNER_ADDRESS, own);
  }

  /// Number of the operation that runs, for error messages.
  long operation;

  /// Returns a member's number in the communicator.
  int name(int member) {
    return names[member];
  }

  /// Returns the address of a member's block.
  long block(int member) {
    return blocks[member];
  }

  /// Returns the addresses of the members' inline payloads for the operation about to be entered.
  long[] inlinePayloads() {
    return (sequence & 1) == 0 ? inlineEven : inlineOdd;
  }

  /// Returns the addresses of the members' flat slots for the operation about to be entered.
  long[] flatSlots() {
    return (sequence & 1) == 0 ? flatEven : flatOdd;
  }

  /// Enters an operation whose data lie in the inline payload or the flat slots already.
  ///
  /// @throws MismatchException if another member called something else
  void enter(long signature) {
    announce(signature);
    awaitEntries(signature, NOBODY);
  }

  /// Enters an operation and exchanges where the buffers are; see [#isSendShared] and the like.
  ///
  /// @throws MismatchException if another member called something else
  void enter(long signature, long send, long sendBytes, long receive, long receiveBytes) {
    long line = GroupLayout.entry(own, sequence);
    long ownFlags = 0;
    if (domain.isShared(send, sendBytes)) {
      ownFlags = GroupLayout.SEND_SHARED;
      Memory.putLong(line + GroupLayout.ENTRY_SEND_TOKEN, domain.token(send));
    } else {
      Memory.putLong(line + GroupLayout.ENTRY_SEND_TOKEN, send);
    }
    if (domain.isShared(receive, receiveBytes)) {
      ownFlags |= GroupLayout.RECEIVE_SHARED;
      Memory.putLong(line + GroupLayout.ENTRY_RECEIVE_TOKEN, domain.token(receive));
    } else {
      Memory.putLong(line + GroupLayout.ENTRY_RECEIVE_TOKEN, receive);
    }
    Memory.putLong(line + GroupLayout.ENTRY_FLAGS, ownFlags);
    long k = sequence;
    announce(signature);
    awaitEntries(signature, NOBODY);
    for (int m = 0; m < size; m++) {
      long entry = GroupLayout.entry(blocks[m], k);
      flags[m] = Memory.getLong(entry + GroupLayout.ENTRY_FLAGS);
      long sendToken = Memory.getLong(entry + GroupLayout.ENTRY_SEND_TOKEN);
      sendBuffers[m] = isSendShared(m) ? addressOf(m, sendToken) : sendToken;
      long receiveToken = Memory.getLong(entry + GroupLayout.ENTRY_RECEIVE_TOKEN);
      receiveBuffers[m] = isReceiveShared(m) ? addressOf(m, receiveToken) : receiveToken;
    }
    sendBuffers[index] = send;
    receiveBuffers[index] = receive;
  }

  /// Enters an operation and says where this member's blocks are; see [#isInSlot], [#isSendShared]
  /// and [#sendBuffer].
  ///
  /// @param place `IN_SLOT` if they lie in the flat slot, `SEND_SHARED` if all members can read the
  ///   send buffer, 0 if they cannot
  /// @param foreignBytes length of the longest block if they cannot, else 0
  /// @return the largest such length of all members
  /// @throws MismatchException if another member called something else
  long enterBlocks(long signature, long send, long place, long foreignBytes) {
    long line = GroupLayout.entry(own, sequence);
    boolean shared = place == GroupLayout.SEND_SHARED;
    Memory.putLong(line + GroupLayout.ENTRY_SEND_TOKEN, shared ? domain.token(send) : send);
    Memory.putLong(line + GroupLayout.ENTRY_FLAGS, place);
    Memory.putLong(line + GroupLayout.ENTRY_FOREIGN, foreignBytes);
    long k = sequence;
    announce(signature);
    awaitEntries(signature, NOBODY);
    long most = 0;
    for (int m = 0; m < size; m++) {
      long entry = GroupLayout.entry(blocks[m], k);
      flags[m] = Memory.getLong(entry + GroupLayout.ENTRY_FLAGS);
      long token = Memory.getLong(entry + GroupLayout.ENTRY_SEND_TOKEN);
      sendBuffers[m] = isSendShared(m) ? addressOf(m, token) : token;
      most = Math.max(most, Memory.getLong(entry + GroupLayout.ENTRY_FOREIGN));
    }
    sendBuffers[index] = send;
    return most;
  }

  /// Enters an operation without waiting for the others; [#awaitEntries] is to follow.
  void announce(long signature) {
    long line = GroupLayout.entry(own, sequence);
    Memory.putLong(line + GroupLayout.ENTRY_SIGNATURE, signature);
    sequence++;
    Memory.putLongRelease(line, sequence); // release: pairs with awaitEntries of the peers
    waiter.wakePeers();
  }

  /// Waits for the other members' entries and compares them.
  ///
  /// @param except a member that is left out, -1 for none; it must be waited for before the next
  ///   operation
  /// @throws MismatchException if another member called something else
  void awaitEntries(long signature, int except) {
    boolean equal = true;
    for (int i = 1; i < size; i++) {
      int m = index + i < size ? index + i : index + i - size;
      if (m == except) {
        continue;
      }
      long line = GroupLayout.entry(blocks[m], sequence - 1);
      waiter.await(line, sequence);
      equal &= Memory.getLong(line + GroupLayout.ENTRY_SIGNATURE) == signature;
    }
    if (!equal) {
      throw mismatch();
    }
  }

  private MismatchException mismatch() {
    StringBuilder text = new StringBuilder("ranks disagree on operation ").append(operation);
    for (int m = 0; m < size; m++) {
      long line = GroupLayout.entry(blocks[m], sequence - 1);
      text.append(m == 0 ? ": " : "; ").append("rank ").append(names[m]).append(" called ");
      text.append(
          m == index || hasEntered(m)
              ? Signature.describe(Memory.getLong(line + GroupLayout.ENTRY_SIGNATURE))
              : "nothing yet");
    }
    return new MismatchException(text.toString(), names[index], operation, null);
  }

  /// Replaces each value by its maximum over all members; an operation of its own.
  ///
  /// @param values as many as fit an entry
  void agreeOnMaximum(long signature, long[] values) {
    long[] payloads = inlinePayloads();
    for (int i = 0; i < values.length; i++) {
      Memory.putLong(payloads[index] + (long) i * Long.BYTES, values[i]);
    }
    enter(signature);
    for (long payload : payloads) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.max(values[i], Memory.getLong(payload + (long) i * Long.BYTES));
      }
    }
  }

  /// Returns the process of a member, -1 if it is a thread of this one.
  long processId(int member) {
    return domain.processId(members[member]);
  }

  /// Returns whether all members can read and write a range of this one's memory in place.
  boolean isShared(long address, long bytes) {
    return domain.isShared(address, bytes);
  }

  /// Returns whether a member's send buffer can be read in place.
  boolean isSendShared(int member) {
    return (flags[member] & GroupLayout.SEND_SHARED) != 0;
  }

  /// Returns whether a member's blocks lie in its flat slot.
  boolean isInSlot(int member) {
    return (flags[member] & GroupLayout.IN_SLOT) != 0;
  }

  /// Returns whether a member's receive buffer can be written in place.
  boolean isReceiveShared(int member) {
    return (flags[member] & GroupLayout.RECEIVE_SHARED) != 0;
  }

  /// Returns whether every member's buffers have all the given flags.
  boolean allShared(long wanted) {
    for (int m = 0; m < size; m++) {
      if ((flags[m] & wanted) != wanted) {
        return false;
      }
    }
    return true;
  }

  /// Returns the address of a member's send buffer: here if it is shared, else in its own process.
  long sendBuffer(int member) {
    return sendBuffers[member];
  }

  /// Returns the address of a member's receive buffer, as [#sendBuffer].
  long receiveBuffer(int member) {
    return receiveBuffers[member];
  }

  /// Ends an operation that worked on shared buffers: waits until every member is through with
  /// them.
  void complete() {
    completed++;
    publish(GroupLayout.DONE, completed);
    awaitAll(GroupLayout.DONE, completed);
  }

  /// Backs this member's window with memory, which most small communicators never need.
  void populateWindow() {
    domain.populate(layout.window(own, 0), layout.windowBytes());
  }

  /// Chooses how many window slots the operation about to run uses in turn; the same on all
  /// members.
  ///
  /// A pipeline of many slices takes few, so that they stay in the cache beside the data. An
  /// operation of one slice takes all in turn, so that by the time a slot comes round again it has
  /// left the peer's inner caches: writing a line that the peer still holds costs a round trip to
  /// it.
  void rotate(long slicesOfOperation) {
    int wanted = slicesOfOperation == 1 ? layout.windowSlots() : PIPELINE_SLOTS;
    if (wanted != rotation) {
      awaitAll(GroupLayout.REDUCED, slices); // another slot may hold any slice from now on
      awaitAll(GroupLayout.DRAINED, slices);
      rotation = wanted;
    }
  }

  /// Returns the address of the window slot of a slice in a member's block.
  long window(int member, long slice) {
    return layout.window(blocks[member], (int) (slice % rotation));
  }

  /// Returns the address of the result slot of a slice in a member's block.
  long result(int member, long slice) {
    return layout.result(blocks[member], (int) (slice % rotation));
  }

  /// Tells every member that this one will not look at its block again.
  void close() {
    for (long block : blocks) {
      Memory.addLong(block + GroupLayout.CLOSED, 1);
    }
  }

  /// Returns whether a member has entered the latest operation that this one entered.
  boolean hasEntered(int member) {
    return Memory.getLongAcquire(GroupLayout.entry(blocks[member], sequence - 1)) >= sequence;
  }

  /// Returns the number in the communicator of the member in whose block an address lies, -1 if
  /// there is none.
  int memberAt(long address) {
    for (int m = 0; m < size; m++) {
      if (address >= blocks[m] && address < blocks[m] + layout.bytes()) {
        return names[m];
      }
    }
    return -1;
  }

  /// Returns the members, by their numbers in the communicator, that share memory with this one and
  /// have not entered the latest operation.
  List<Integer> absent() {
    List<Integer> absent = new ArrayList<>();
    for (int m = 0; m < size; m++) {
      if (m != index && !hasEntered(m)) {
        absent.add(names[m]);
      }
    }
    return absent;
  }

  /// Returns the members that have not entered the latest operation, or null if all have.
  @Nullable String missing() {
    StringBuilder text = new StringBuilder();
    for (int m = 0; m < size; m++) {
      if (m != index && !hasEntered(m)) {
        text.append(text.isEmpty() ? "" : ", ").append(names[m]);
      }
    }
    return text.isEmpty() ? null : text.toString();
  }

  /// Returns the address here of memory that a member named by a token.
  long addressOf(int member, long token) {
    return domain.address(members[member], token);
  }

  /// Publishes one of this member's progress counters.
  void publish(long counter, long value) {
    Memory.putLongRelease(own + counter, value); // release: pairs with await of the peers
    waiter.wakePeers();
  }

  /// Waits until a member's progress counter has reached a value.
  void await(int member, long counter, long value) {
    waiter.await(blocks[member] + counter, value);
  }

  /// Waits until a progress counter of every other member has reached a value.
  void awaitAll(long counter, long value) {
    for (int i = 1; i < size; i++) {
      int m = index + i < size ? index + i : index + i - size;
      waiter.await(blocks[m] + counter, value);
    }
  }
}
