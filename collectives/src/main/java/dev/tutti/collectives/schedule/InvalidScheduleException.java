package dev.tutti.collectives.schedule;

/// Thrown when a [ScheduleSet] is wrong. Carries the report that names the defects.
public final class InvalidScheduleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient VerificationReport report;

  /// Makes an exception whose message lists the defects of the report.
  public InvalidScheduleException(VerificationReport report) {
    super(report.describe());
    this.report = report;
  }

  /// Returns the report.
  public VerificationReport report() {
    return report;
  }
}
