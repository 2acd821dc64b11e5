package dev.tutti.collectives.record;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The records of running processes, read from outside without disturbing them.
///
/// They are found among the open files of all processes that this user may look at. A process that
/// is stopped or hangs can be read like any other.
public final class LiveRecords {
  private static final Path PROCESSES = Path.of("/proc");
  private static final Pattern FILE =
      Pattern.compile("/memfd:" + RecordMemory.NAME + "( \\(deleted\\))?");

  private LiveRecords() {}

  /// A record of a process.
  ///
  /// @param processId the process as seen from here; in a container it may know itself by another
  /// @param place the open file
  /// @param dump what it holds; null if it cannot be read
  /// @param problem why it cannot be read, empty if it can; continues the place
  public record Live(long processId, Path place, @Nullable Dump dump, String problem) {}

  /// Returns all records of this host that this user may read, by communicator, rank and process.
  public static List<Live> find() {
    List<Live> found = new ArrayList<>();
    for (Path process : children(PROCESSES, "[0-9]*")) {
      long pid = Long.parseLong(process.getFileName().toString());
      for (Path file : children(process.resolve("fd"), "*")) {
        Live live = read(pid, file);
        if (live != null) {
          found.add(live);
        }
      }
    }
    found.sort(
        Comparator.comparing((Live live) -> live.dump() == null)
            .thenComparing(live -> key(live.dump()))
            .thenComparingInt(live -> live.dump() == null ? 0 : live.dump().identity().rank())
            .thenComparingLong(Live::processId));
    return found;
  }

  private static String key(@Nullable Dump dump) {
    return dump == null ? "" : dump.identity().job() + " " + dump.identity().communicator();
  }

  /// Returns what is in a directory now, nothing if it is gone or not for this user.
  private static List<Path> children(Path directory, String names) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, names)) {
      stream.forEach(children::add);
    } catch (IOException | DirectoryIteratorException _) {
      return children; // the process has ended, or belongs to somebody else
    }
    return children;
  }

  private static @Nullable Live read(long pid, Path file) {
    try {
      Matcher name = FILE.matcher(Files.readSymbolicLink(file).toString());
      if (!name.matches()) {
        return null;
      }
      try (Arena arena = Arena.ofConfined();
          FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        return new Live(pid, file, RecordReader.read(memory), "");
      }
    } catch (RecordFormatException e) {
      return new Live(pid, file, null, e.text());
    } catch (IOException _) {
      return null; // it has ended
    }
  }
}
