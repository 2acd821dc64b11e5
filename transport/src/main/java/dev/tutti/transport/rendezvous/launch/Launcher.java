package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// One way to start the ranks of a job, known by the environment variables it sets.
sealed interface Launcher
    permits TuttiLauncher,
        TorchrunLauncher,
        OpenMpiLauncher,
        MpichLauncher,
        SlurmLauncher,
        PrrteLauncher,
        KubernetesLauncher {
  /// How much of a launcher is visible.
  enum Presence {
    /// Nothing.
    NONE,
    /// Some of its variables, but not the one that makes this process a rank. It counts where no
    /// other launcher is present, and then the complaint names what is missing.
    PARTIAL,
    /// It started this process.
    COMPLETE
  }

  /// Returns its name, for messages.
  String title();

  /// Returns a sentence that says how a secret gets to every rank.
  String secretAdvice();

  /// Tells whether it started this process.
  Presence presence(Variables variables);

  /// Reads which rank this is.
  ///
  /// @throws IllegalArgumentException if a variable is missing or malformed
  Placement placement(Variables variables);

  /// Returns where the ranks meet if `TUTTI_RENDEZVOUS` does not say.
  ///
  /// @throws IllegalArgumentException if that cannot be known, or a variable is malformed
  URI meetingPoint(Variables variables, Placement placement);
}
