package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.collectives.execute.MessagePort.Message;
import dev.tutti.collectives.plan.Plan;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.DumpFile;
import dev.tutti.collectives.record.FlightEvents;
import dev.tutti.collectives.record.Identity;
import dev.tutti.collectives.record.OperationRecorder;
import dev.tutti.collectives.schedule.Collective;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What is recorded about one communicator on this rank, and what becomes of it: dumps and events.
final class CommunicatorRecord {
  private static final System.Logger LOGGER = System.getLogger(CommunicatorRecord.class.getName());
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final String JOB = "TUTTI_JOB"; // set by the launcher

  private final WorldContext world;
  private final Exchanges exchanges;
  private final Identity identity;
  private final @Nullable OperationRecorder recorder;
  private final AtomicBoolean failed = new AtomicBoolean();

  CommunicatorRecord(
      WorldContext world, Exchanges exchanges, String name, int[] members, int index) {
    this.world = world;
    this.exchanges = exchanges;
    this.identity =
        new Identity(
            name,
            index,
            IntStream.of(members).boxed().toList(),
            world.transport(),
            hostName(),
            world.host().id(),
            ProcessHandle.current().pid(),
            Objects.requireNonNullElse(System.getenv(JOB), ""));
    CommunicatorConfig config = world.config();
    this.recorder =
        config.recorderOperations() == 0
            ? null
            : new OperationRecorder(
                identity, config.recorderOperations(), config.counters(), exchanges::awaited);
    if (recorder != null) {
      exchanges.observe(recorder);
    }
  }

  private static String hostName() {
    try {
      return Files.readString(HOST_NAME, StandardCharsets.UTF_8).strip();
    } catch (IOException _) {
      return ""; // the host id tells hosts apart
    }
  }

  /// Returns what the operations report to, null if nothing is recorded.
  @Nullable OperationRecorder recorder() {
    return recorder;
  }

  /// Returns the name of the communicator.
  String name() {
    return identity.communicator();
  }

  /// Records a plan, and returns the recorder's number for its algorithm.
  int planned(Planner planner, Collective collective, long vectorBytes, int root, Plan plan) {
    FlightEvents.planned(
        identity.communicator(),
        identity.rank(),
        new FlightEvents.Decision(
            collective.label(),
            vectorBytes,
            root,
            plan.algorithm(),
            plan.form(),
            plan.predictedSeconds()),
        () ->
            planner.ranking(collective, vectorBytes, root).stream()
                .map(each -> each.algorithm() + " " + Math.round(each.predictedSeconds() * 1e9))
                .collect(Collectors.joining(" ns, ", "", " ns")));
    return recorder == null ? 0 : recorder.algorithm(plan.algorithm());
  }

  /// Records that a group of messages begins: the first one stands for the time that all take.
  void begin(long operation, List<Message> sends, List<Message> receives) {
    if (recorder != null && !sends.isEmpty()) {
      Message first = sends.get(0);
      recorder.enterSend(operation, first.type(), first.peer(), count(first));
    } else if (recorder != null && !receives.isEmpty()) {
      Message first = receives.get(0);
      recorder.enterReceive(operation, first.type(), first.peer(), count(first));
    }
  }

  /// Records that a group of messages is through; arguments as for [#begin].
  void end(long operation, List<Message> sends, List<Message> receives) {
    if (recorder == null || (sends.isEmpty() && receives.isEmpty())) {
      return;
    }
    boolean sentFirst = !sends.isEmpty();
    recorder.doneMessage(operation, (sentFirst ? sends : receives).get(0).bytes());
    for (Message sent : sends.subList(sentFirst ? 1 : 0, sends.size())) {
      recorder.noteSend(operation, sent.type(), sent.peer(), count(sent));
    }
    for (Message received : receives.subList(sentFirst ? 0 : 1, receives.size())) {
      recorder.noteReceive(operation, received.type(), received.peer(), count(received));
    }
  }

  private static long count(Message message) {
    return message.bytes() / message.type().bytes();
  }

  /// Records the first failure, and dumps if that is wanted. Never throws: what failed is more
  /// important.
  void failed(long operation, String kind, String message) {
    if (!failed.compareAndSet(false, true)) {
      return;
    }
    FlightEvents.failed(identity.communicator(), identity.rank(), operation, kind, message);
    if (recorder == null) {
      return;
    }
    recorder.failed(operation, kind, message);
    Path directory = world.config().dumpDirectory();
    if (directory != null) {
      try {
        Files.createDirectories(directory);
        Path _ = dump(directory);
      } catch (IOException | RuntimeException e) {
        LOGGER.log(Level.WARNING, "cannot write a dump to {0}: {1}", directory, e);
      }
    }
  }

  /// Writes a dump; see [Communicator#dump].
  Path dump(Path target) throws IOException {
    if (recorder == null) {
      throw new IllegalStateException(
          "nothing is recorded: the option recorderOperations is 0, expected at least 16");
    }
    Dump dump = recorder.snapshot();
    if (dump == null) {
      throw new IllegalStateException("the communicator is closed");
    }
    return DumpFile.write(
        dump.current() == null ? dump : dump.withAbsent(exchanges.absent()), target);
  }

  /// Ends recording; no operation may be running.
  void close() {
    if (recorder != null) {
      recorder.close();
    }
  }
}
