package dev.tutti.bench.measure;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.collectives.TuttiException;
import dev.tutti.collectives.World;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// A worker process of `tutti bench`: one rank, or all ranks as threads. Rank 0 writes one line of
/// JSON per event to its standard output.
public final class BenchWorkerMain {
  /// The first argument that makes the program a worker.
  public static final String COMMAND = "bench-worker";

  /// Exit code of a worker that failed because another rank did.
  public static final int PEER_FAILED = 6;

  /// Exit code of a worker that failed by itself.
  public static final int FAILED = 1;

  /// Exit code of a worker that was asked for something that does not exist.
  public static final int USAGE = 2;

  private BenchWorkerMain() {}

  /// Runs the worker and returns its exit code.
  ///
  /// @param words the options, as [BenchOptionsCodec] encodes them
  public static int run(List<String> words) {
    BenchOptions options = BenchOptionsCodec.decode(words);
    prefer(options.algorithm(), options.transport());
    BenchEvents events = new LineEvents();
    return reportingFailures(() -> {
      if (options.mode() == RankMode.THREADS) {
        try (World world = World.threads(options.ranks())) {
          world.run(communicator -> BenchWorker.run(communicator, options, events));
        }
      } else {
        try (Communicator communicator = Communicator.join()) {
          BenchWorker.run(communicator, options, events);
        }
      }
      return 0;
    });
  }

  /// Makes communicators of this process use an algorithm and a transport, null for any.
  public static void prefer(@Nullable String algorithm, @Nullable String transport) {
    setProperty("tutti.algorithm", algorithm);
    setProperty("tutti.transport", transport);
  }

  /// Does what a rank does, and returns its exit code; says on standard error why it failed.
  public static int reportingFailures(IntSupplier rank) {
    try {
      return rank.getAsInt();
    } catch (RankFailedException e) {
      System.err.println(describe(e));
      return PEER_FAILED;
    } catch (IllegalArgumentException e) {
      System.err.println(describe(e));
      return USAGE;
    } catch (TuttiException e) {
      // Ranks that are threads report what one of them threw as the cause.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      System.err.println(describe(cause));
      return cause instanceof IllegalArgumentException ? USAGE : FAILED;
    } catch (OutOfMemoryError e) {
      System.err.println(describe(e));
      return FAILED;
    }
  }

  private static String describe(Throwable failure) {
    String kind = failure.getClass().getSimpleName();
    return failure.getMessage() == null ? kind : kind + ": " + failure.getMessage();
  }

  private static void setProperty(String name, @Nullable String value) {
    if (value != null) {
      System.setProperty(name, value);
    }
  }

  /// Writes events as lines.
  private static final class LineEvents implements BenchEvents {
    private final PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    @Override
    public void started(StartedEvent event) {
      out.println(event.write());
    }

    @Override
    public void measured(BenchRow row) {
      out.println(RowFormat.json(row));
    }
  }
}
