package dev.tutti.bench.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One rank on another host: its connection, and whether the shell at the other end is there yet.
///
/// As a sink it stands between the connection and the job's output. What comes on standard output
/// before the shell is ready is noise of login scripts; what comes on standard error is why there
/// is no connection, if there is none, and otherwise passed on.
final class RemoteRank implements LineSink {
  private static final int MAX_HELD_LINES = 20;

  private final String host;
  private final Process process;
  private final byte[] script;
  private final LineSink sink;
  private final Runnable settled;
  // Guarded by this; written by the threads of the pumps.
  private final List<byte[]> held = new ArrayList<>();
  private boolean ready;
  private boolean isSettled;

  /// @param settled called once, when the shell is ready or the connection has failed
  RemoteRank(String host, Process process, byte[] script, LineSink sink, Runnable settled) {
    this.host = host;
    this.process = process;
    this.script = script;
    this.sink = sink;
    this.settled = settled;
  }

  String host() {
    return host;
  }

  Process process() {
    return process;
  }

  @Override
  public void line(int rank, Source source, byte[] line) throws IOException {
    if (holdBack(source, line)) {
      if (isReady()) {
        send();
        for (byte[] each : takeHeld()) {
          sink.line(rank, Source.STDERR, each);
        }
      }
      return;
    }
    sink.line(rank, source, line);
  }

  /// Takes a line that came before the rank could have written it; false if the rank has.
  private synchronized boolean holdBack(Source source, byte[] line) {
    if (ready) {
      return false;
    }
    if (source == Source.STDERR) {
      if (held.size() < MAX_HELD_LINES) {
        held.add(line);
      }
    } else {
      ready = new String(line, StandardCharsets.UTF_8).endsWith(RemoteScript.READY);
    }
    return true;
  }

  private synchronized List<byte[]> takeHeld() {
    List<byte[]> result = List.copyOf(held);
    held.clear();
    return result;
  }

  /// Tells whether the shell was there, so that what happened later is the rank's doing.
  synchronized boolean isReady() {
    return ready;
  }

  /// Sends the script. If that fails the connection is gone, and its exit code will tell.
  private void send() {
    try {
      OutputStream out = process.getOutputStream();
      out.write(script);
      out.flush();
    } catch (IOException _) {
      // as said
    } finally {
      settle();
    }
  }

  /// The connection has come or gone: another may start.
  void settle() {
    synchronized (this) {
      if (isSettled) {
        return;
      }
      isSettled = true;
    }
    settled.run();
  }

  /// Makes the remote shell end the rank; the process here ends when that is done.
  void end() {
    try {
      process.getOutputStream().close();
    } catch (IOException _) {
      // It has ended.
    }
    if (!isReady()) {
      process.destroy();
    }
  }

  /// Returns what `ssh` said about the connection, in one line; null if nothing.
  synchronized @Nullable String complaint() {
    List<String> lines =
        held.stream()
            .map(line -> new String(line, StandardCharsets.UTF_8).strip())
            .filter(line -> !line.isEmpty())
            .toList();
    return lines.isEmpty() ? null : String.join("; ", lines);
  }
}
