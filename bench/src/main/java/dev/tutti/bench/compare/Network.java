package dev.tutti.bench.compare;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabBound;
import org.jspecify.annotations.Nullable;

/// Where the ranks of a comparison run and over what they talk.
public sealed interface Network {
  /// The name of the TCP transport.
  String TCP = "tcp";

  /// Returns it in words.
  String describe();

  /// Returns the transport that Tutti is asked for, null to let it choose.
  @Nullable String transport(int ranks);

  /// Returns the bytes of a collective's size per second that no algorithm can surpass here, 0 if
  /// none are known.
  default double bound(BenchCollective collective) {
    return 0;
  }

  /// Returns whether ranks talk over TCP.
  default boolean isTcp() {
    return !(this instanceof SharedMemory);
  }

  /// One host, through its memory (Gloo, which cannot, over TCP).
  record SharedMemory() implements Network {
    @Override
    public String describe() {
      return "shared memory";
    }

    @Override
    public @Nullable String transport(int ranks) {
      return null;
    }
  }

  /// One host, through its loopback interface.
  record Loopback() implements Network {
    @Override
    public String describe() {
      return "loopback TCP";
    }

    @Override
    public String transport(int ranks) {
      return TCP;
    }
  }

  /// The hosts of a lab; ranks of one host are consecutive.
  ///
  /// @param lab the lab
  record InLab(Lab lab) implements Network {
    @Override
    public String describe() {
      return "TCP in the lab '" + lab.spec().scenario().label() + "'";
    }

    /// Within a host Tutti may choose.
    @Override
    public @Nullable String transport(int ranks) {
      return ranks == lab.spec().hosts() ? TCP : null;
    }

    @Override
    public double bound(BenchCollective collective) {
      return LabBound.bytesPerSecond(lab.spec(), collective);
    }

    int ranksPerHost(int ranks) {
      return ranks / lab.spec().hosts();
    }
  }
}
