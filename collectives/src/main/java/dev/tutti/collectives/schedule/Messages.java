package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.CHUNK_MISMATCH;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.UNMATCHED_RECEIVE;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.UNMATCHED_SEND;

import java.util.Arrays;

/// Pairs each send with its receive.
///
/// A channel (from, to, lane) has one sending lane and one receiving lane and keeps order, so the
/// i-th send meets the i-th receive in every run: the pairing needs no simulation. O(steps).
final class Messages {
  private final StepTable table;

  /// Message number of each sending step, -1 if it sends none; the messages of a channel have
  /// consecutive numbers.
  private final int[] message;

  private final int[] firstMessage;
  private final int[] sendingStep;
  private final int[] receivingStep;

  /// The sending step that each receiving step waits for, -1 if it receives nothing.
  final int[] sender;

  /// The receiving step of what each sending step sends, -1 if it sends nothing.
  final int[] receiver;

  Messages(StepTable table, ChunkLengths lengths, DefectLog log) {
    this.table = table;
    int[] sends = count(table.sendChannel);
    int[] receives = count(table.receiveChannel);
    firstMessage = new int[table.channels + 1];
    for (int c = 0; c < table.channels; c++) {
      firstMessage[c + 1] = firstMessage[c] + Math.max(sends[c], receives[c]);
    }
    int messages = firstMessage[table.channels];
    message = filled(table.steps);
    sender = filled(table.steps);
    receiver = filled(table.steps);
    sendingStep = filled(messages);
    receivingStep = filled(messages);
    pair();
    report(lengths, log);
  }

  private int[] count(int[] channelOfStep) {
    int[] counts = new int[table.channels];
    for (int channel : channelOfStep) {
      if (channel >= 0) {
        counts[channel]++;
      }
    }
    return counts;
  }

  private static int[] filled(int length) {
    int[] array = new int[length];
    Arrays.fill(array, -1);
    return array;
  }

  private void pair() {
    int[] nextSend = firstMessage.clone();
    int[] nextReceive = firstMessage.clone();
    for (int s = 0; s < table.steps; s++) {
      if (table.sendChannel[s] >= 0) {
        message[s] = nextSend[table.sendChannel[s]]++;
        sendingStep[message[s]] = s;
      }
      if (table.receiveChannel[s] >= 0) {
        receivingStep[nextReceive[table.receiveChannel[s]]++] = s;
      }
    }
    for (int m = 0; m < sendingStep.length; m++) {
      int from = sendingStep[m];
      int to = receivingStep[m];
      if (from >= 0 && to >= 0) {
        sender[to] = from;
        receiver[from] = to;
      }
    }
  }

  private void report(ChunkLengths lengths, DefectLog log) {
    for (int m = 0; m < sendingStep.length; m++) {
      int from = sendingStep[m];
      int to = receivingStep[m];
      if (to < 0) {
        log.add(UNMATCHED_SEND, table, from, "nobody receives " + describe(from));
      } else if (from < 0) {
        log.add(UNMATCHED_RECEIVE, table, to, "nothing arrives for " + describe(to));
      } else if (!lengths.equal(table.step(from).shape(), table.step(to).shape())) {
        String sent = ScheduleText.format(table.step(from).shape());
        String stored = ScheduleText.format(table.step(to).shape());
        log.add(
            CHUNK_MISMATCH,
            table,
            to,
            stored + " may differ in length from " + sent + " of " + table.describe(from));
      }
    }
  }

  private String describe(int step) {
    return ScheduleText.format(table.step(step));
  }

  /// Returns the step that must have received an earlier message before a sending step can put its
  /// own into a channel of `slots` messages, -1 if there is always room.
  int freesSlotFor(int step, int slots) {
    int earlier = message[step] - slots;
    return earlier < firstMessage[table.sendChannel[step]] ? -1 : receivingStep[earlier];
  }
}
