package dev.tutti.topology.draw;

import dev.tutti.topology.Topology;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Something to show over a topology: the way data takes, what links carry, what limits, and who
/// sends what when. All nodes are named by the ids of a topology.
///
/// @param title what it is: `ring all-reduce, 64 MiB`
/// @param paths rings, trees and the like
/// @param loads what links carry
/// @param cut what limits, null if that is not known
/// @param frames steps in order of time
public record Overlay(
    String title, List<Path> paths, List<LinkLoad> loads, @Nullable Cut cut, List<Frame> frames) {

  /// From one node to another, which need not be neighbours.
  ///
  /// @param from id of the node that sends
  /// @param to id of the node that receives
  public record Hop(String from, String to) {}

  /// A ring, a tree or another way through the topology.
  ///
  /// @param label what people call it: `ring 0`
  /// @param hops its edges
  public record Path(String label, List<Hop> hops) {
    /// Copies.
    public Path {
      Objects.requireNonNull(label, "label");
      hops = List.copyOf(hops);
    }

    /// Makes a path that returns to where it began.
    public static Path ring(String label, List<String> nodes) {
      List<Hop> hops = new java.util.ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        hops.add(new Hop(nodes.get(i), nodes.get((i + 1) % nodes.size())));
      }
      return new Path(label, hops);
    }
  }

  /// What one direction between two neighbours carries.
  ///
  /// @param from id of the node that sends
  /// @param to id of the node that receives
  /// @param bytes how much
  /// @param busy the share of the time during which it is busy, 0 to 1
  public record LinkLoad(String from, String to, double bytes, double busy) {
    /// Checks.
    ///
    /// @throws IllegalArgumentException if a number is out of range
    public LinkLoad {
      requireNumber("bytes", bytes);
      requireNumber("busy", busy);
    }
  }

  /// A cut through the topology that limits a collective.
  ///
  /// @param side ids of the nodes on the side that data must leave
  /// @param links what leads across
  /// @param bytesPerSecond how much goes across
  /// @param note the bound and how near a plan comes: `bound 1.3 ms, plan 1.4 ms: 93 % of optimum`
  public record Cut(List<String> side, List<Hop> links, double bytesPerSecond, String note) {
    /// Checks and copies.
    ///
    /// @throws IllegalArgumentException if the capacity is no number
    public Cut {
      side = List.copyOf(side);
      links = List.copyOf(links);
      requireNumber("bytesPerSecond", bytesPerSecond);
      Objects.requireNonNull(note, "note");
    }
  }

  /// A step of a schedule, simulated or recorded.
  ///
  /// @param startSeconds when it begins
  /// @param endSeconds when it ends
  /// @param transfers what moves in it
  public record Frame(double startSeconds, double endSeconds, List<Transfer> transfers) {
    /// Checks and copies.
    ///
    /// @throws IllegalArgumentException if it ends before it begins
    public Frame {
      requireNumber("startSeconds", startSeconds);
      requireNumber("endSeconds", endSeconds);
      if (endSeconds < startSeconds) {
        throw new IllegalArgumentException(
            "a frame ends at " + endSeconds + " s, before it begins at " + startSeconds + " s");
      }
      transfers = List.copyOf(transfers);
    }
  }

  /// Data on its way from one node to another.
  ///
  /// @param from id of the node that sends
  /// @param to id of the node that receives
  /// @param bytes how much
  /// @param label what it is: `chunk 3`; may be empty
  public record Transfer(String from, String to, double bytes, String label) {
    /// Checks.
    ///
    /// @throws IllegalArgumentException if the number is out of range
    public Transfer {
      requireNumber("bytes", bytes);
      Objects.requireNonNull(label, "label");
    }
  }

  /// Copies.
  public Overlay {
    Objects.requireNonNull(title, "title");
    paths = List.copyOf(paths);
    loads = List.copyOf(loads);
    frames = List.copyOf(frames);
  }

  private static void requireNumber(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " is " + value + ", expected a number >= 0");
    }
  }

  /// Checks that a topology has every node that is named.
  ///
  /// @throws IllegalArgumentException if one is missing; the message names it
  void requireIn(Topology topology) {
    paths.forEach(path -> path.hops().forEach(hop -> require(topology, hop.from(), hop.to())));
    loads.forEach(load -> require(topology, load.from(), load.to()));
    if (cut != null) {
      cut.side().forEach(topology::node);
      cut.links().forEach(hop -> require(topology, hop.from(), hop.to()));
    }
    for (Frame frame : frames) {
      frame.transfers().forEach(move -> require(topology, move.from(), move.to()));
    }
  }

  private static void require(Topology topology, String from, String to) {
    topology.node(from);
    topology.node(to);
  }
}
