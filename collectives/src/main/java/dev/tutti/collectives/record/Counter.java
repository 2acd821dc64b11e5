package dev.tutti.collectives.record;

/// What is counted for each communicator of each rank.
///
/// The order is that of the values in the file, and of the Agrona counter ids.
public enum Counter {
  /// Collectives and messages finished.
  OPERATIONS("operations"),
  /// Count × element size of what has finished.
  BYTES("bytes"),
  /// Messages begun.
  MESSAGES("messages"),
  /// Operations that failed; a communicator fails once.
  FAILURES("failures"),
  /// Waits that outlasted spinning.
  STALLS("stalls"),
  /// Time in such waits.
  WAITED("waited ns"),
  /// The part of it that the thread slept.
  PARKED("parked ns"),
  /// Version of the plan in force.
  EPOCH("epoch");

  private final String label;

  Counter(String label) {
    this.label = label;
  }

  /// Returns the label that Agrona's tools show.
  public String label() {
    return label;
  }
}
