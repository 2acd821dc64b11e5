package dev.tutti.bench.netlab;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Takes a host's link down at a given time, and up again later. Closing it makes the link whole.
public final class LinkOutage implements AutoCloseable {
  /// No outage.
  public static final LinkOutage NONE = new LinkOutage(null, 0, null, _ -> {});

  private final @Nullable Lab lab;
  private final int host;
  private final @Nullable ScheduledExecutorService clock;
  private final Consumer<String> notes;

  private LinkOutage(
      @Nullable Lab lab,
      int host,
      @Nullable ScheduledExecutorService clock,
      Consumer<String> notes) {
    this.lab = lab;
    this.host = host;
    this.clock = clock;
    this.notes = notes;
  }

  /// Plans an outage.
  ///
  /// @param after time from now until the link goes down
  /// @param length time until it comes up again; zero: not before this is closed
  /// @param notes is told when it happens
  /// @throws LabException if the link's state is unknown
  /// @throws IllegalArgumentException if there is no such host
  public static LinkOutage plan(
      Lab lab, int host, Duration after, Duration length, Consumer<String> notes)
      throws LabException {
    Lab.LinkState _ = lab.link(host); // there must be such a link
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tutti-netlab-outage").factory());
    LinkOutage outage = new LinkOutage(lab, host, clock, notes);
    var _ =
        clock.schedule(
            () -> outage.set(Lab.LinkState.DOWN), after.toMillis(), TimeUnit.MILLISECONDS);
    if (!length.isZero()) {
      long up = after.plus(length).toMillis();
      var _ = clock.schedule(() -> outage.set(Lab.LinkState.UP), up, TimeUnit.MILLISECONDS);
    }
    return outage;
  }

  private void set(Lab.LinkState state) {
    if (lab == null) {
      return;
    }
    try {
      lab.setLink(host, state);
      notes.accept(
          "the link of host" + host + " is " + (state == Lab.LinkState.UP ? "up" : "down"));
    } catch (LabException e) {
      notes.accept(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() throws LabException {
    if (clock == null || lab == null) {
      return;
    }
    clock.shutdownNow();
    lab.setLink(host, Lab.LinkState.UP);
  }
}
