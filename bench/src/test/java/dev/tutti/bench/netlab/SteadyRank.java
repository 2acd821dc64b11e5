package dev.tutti.bench.netlab;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.TuttiException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The program that a [SteadyJob] runs as each rank: one operation after the other, each checked,
/// until it is told to stop.
///
/// Its input has a word per line, the same for every rank: the label of a [Work] to go over to,
/// `report` to print `at <n> clock <millis>` after one more operation, or `stop`, as at the end of
/// the input. Rank 0 passes the word on with the data, so all ranks follow it after the same
/// operation. Prints `out <nanos> <exception>` when the job cannot go on.
final class SteadyRank {
  private static final int GO_ON = 0; // other words have the numbers of their places in the list
  private static final int REPORT = 1;
  private static final int STOP = 2;
  private static final List<String> WORDS =
      Stream.concat(Stream.of("", "report", "stop"), Arrays.stream(Work.values()).map(Work::label))
          .toList();
  private static final int STRIDE = 61; // elements between those that are looked at

  private final Communicator world;
  private final BlockingQueue<Integer> words;
  private final MemorySegment data;
  private final MemorySegment result;
  private Work work = Work.SMALL;
  private int operations;
  private int reports;
  private int obeyed; // words that all ranks have followed
  private int taken; // of them, taken from the own input

  /// What the ranks do.
  enum Work {
    /// All-reduces of 1 KiB.
    SMALL(256),
    /// All-reduces of 8 MiB.
    LARGE(2 << 20),
    /// Broadcasts of 20 KiB: rank 0 waits for nobody.
    STREAM(5 << 10),
    /// Nothing until somebody says a word.
    IDLE(256);

    private final int count;

    Work(int count) {
      this.count = count;
    }

    /// Returns the word for it.
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private SteadyRank(Communicator world, BlockingQueue<Integer> words) {
    this.world = world;
    this.words = words;
    this.data = world.allocate(4L * Work.LARGE.count);
    this.result = world.allocate(4L * Work.LARGE.count);
  }

  public static void main(String[] arguments) {
    BlockingQueue<Integer> words = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().start(() -> read(words));
    try (Communicator world = Communicator.join()) {
      new SteadyRank(world, words).run();
    } catch (TuttiException e) {
      String name = e.getClass().getSimpleName();
      System.out.println("out " + System.nanoTime() + " " + name + ": " + e.getMessage());
      System.exit(6);
    } catch (InterruptedException _) {
      System.exit(8);
    }
  }

  private static void read(BlockingQueue<Integer> words) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      @Nullable String word = in.readLine();
      while (word != null) {
        words.add(WORDS.indexOf(word));
        word = in.readLine();
      }
    } catch (IOException _) {
      // As its end.
    }
    words.add(STOP);
  }

  private void run() throws InterruptedException {
    int word = GO_ON;
    while (word != STOP) {
      word = operate(next());
      if (word != GO_ON) {
        obeyed++;
      }
      if (word == REPORT) {
        System.out.println("at " + reports++ + " clock " + System.currentTimeMillis());
      } else if (word > STOP) {
        work = Work.values()[word - STOP - 1];
      }
    }
  }

  /// Returns the word to pass on in the next operation, waits for one when the ranks are idle.
  private int next() throws InterruptedException {
    if (world.rank() == 0) {
      Integer word = work == Work.IDLE ? words.take() : words.poll();
      return word == null ? GO_ON : word;
    }
    while (work == Work.IDLE && taken <= obeyed) {
      int _ = words.take(); // rank 0 has it, too
      taken++;
    }
    return GO_ON;
  }

  /// Runs an operation; returns what rank 0 says.
  private int operate(int word) {
    int n = world.size();
    for (int i = STRIDE; i < work.count; i += STRIDE) {
      data.setAtIndex(ValueLayout.JAVA_INT, i, value(i) + world.rank());
    }
    data.setAtIndex(ValueLayout.JAVA_INT, 0, word);
    if (work == Work.STREAM) {
      world.broadcast(data, result, work.count, DataType.INT32, 0);
    } else {
      world.allReduce(data, result, work.count, DataType.INT32, ReduceOp.SUM);
    }
    for (int i = STRIDE; i < work.count; i += STRIDE) {
      int expected = work == Work.STREAM ? value(i) : n * value(i) + n * (n - 1) / 2;
      int actual = result.getAtIndex(ValueLayout.JAVA_INT, i);
      if (actual != expected) {
        System.out.println("wrong: element " + i + " of operation " + operations + " is " + actual);
        System.exit(7);
      }
    }
    operations++;
    return result.getAtIndex(ValueLayout.JAVA_INT, 0);
  }

  /// Another one in each operation, so that what an earlier one left is wrong.
  private int value(int index) {
    return 31 * index + 7 * operations;
  }
}
