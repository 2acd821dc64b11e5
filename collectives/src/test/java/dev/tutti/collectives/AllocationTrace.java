package dev.tutti.collectives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/// Says which code allocates, for a test that found that some does.
final class AllocationTrace {
  private static final List<String> EVENTS =
      List.of("jdk.ObjectAllocationInNewTLAB", "jdk.ObjectAllocationOutsideTLAB");
  private static final int MOST_FRAMES = 6;
  private static final int MOST_PLACES = 5;

  private final Recording recording = new Recording();

  private AllocationTrace() {}

  /// Watches every thread from now on.
  static AllocationTrace start() {
    AllocationTrace trace = new AllocationTrace();
    EVENTS.forEach(event -> trace.recording.enable(event).withStackTrace());
    trace.recording.start();
    return trace;
  }

  /// Stops watching and returns the places seen most often, a line for each.
  String stop() {
    recording.stop();
    try {
      Path file = Files.createTempFile("tutti-allocations", ".jfr");
      try {
        recording.dump(file);
        return describe(RecordingFile.readAllEvents(file));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      recording.close();
    }
  }

  private static String describe(List<RecordedEvent> events) {
    Map<String, Long> places =
        events.stream()
            .filter(event -> event.getStackTrace() != null)
            .collect(Collectors.groupingBy(AllocationTrace::place, Collectors.counting()));
    return places.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(MOST_PLACES)
        .map(entry -> entry.getValue() + " x " + entry.getKey())
        .collect(Collectors.joining("\n"));
  }

  private static String place(RecordedEvent event) {
    return event.getClass("objectClass").getName()
        + event.getStackTrace().getFrames().stream()
            .limit(MOST_FRAMES)
            .map(frame ->
                frame.getMethod().getType().getName()
                    + "."
                    + frame.getMethod().getName()
                    + ":"
                    + frame.getLineNumber())
            .collect(Collectors.joining(" < ", " at ", ""));
  }
}
