package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.ReductionKernel;

/// A collective that begins without a member that is late.
///
/// First the members agree on whether there is such a one ([ArrivalAgreement]). If not, the usual
/// exchange runs; if so, the schedule for that late member, which it finds agreed upon when it
/// comes. Agreement and schedule are one operation of the network. Among members that share memory,
/// the entry of the late one is awaited at the end only: every other member has been compared
/// before data move, and it compares itself with all.
final class ArrivalExchange implements Exchange {
  private final Members members;
  private final ArrivalAgreement agreement;
  private final Exchange usual;
  private final ScheduleRunner[] without; // by late member
  private final long patienceNanos;

  /// @param usual what runs where nobody is late
  /// @param without what runs where a member is, by member
  /// @param patienceNanos how long all but one wait for the last
  ArrivalExchange(
      Members members,
      ArrivalAgreement agreement,
      Exchange usual,
      ScheduleRunner[] without,
      long patienceNanos) {
    this.members = members;
    this.agreement = agreement;
    this.usual = usual;
    this.without = without.clone();
    this.patienceNanos = patienceNanos;
  }

  @Override
  public void run(
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    members.announce(signature);
    int late = agreement.agree(patienceNanos);
    members.awaitEntries(signature, late);
    if (late == ArrivalAgreement.ALL && !(usual instanceof ScheduleRunner)) {
      agreement.drain();
      members.leave();
      usual.run(signature, send, receive, count, elementBytes, kernel, divisor, root);
      return;
    }
    ScheduleRunner runner = late == ArrivalAgreement.ALL ? (ScheduleRunner) usual : without[late];
    runner.runEntered(signature, send, receive, count, elementBytes, kernel);
    agreement.drain();
    if (late != ArrivalAgreement.ALL) {
      members.awaitEntries(signature, ArrivalAgreement.ALL);
    }
    members.leave();
    if (divisor > 1) {
      kernel.divide(receive, receive, count, divisor);
    }
  }

  @Override
  public String form(long vectorBytes) {
    return usual.form(vectorBytes) + ", or without a late rank";
  }
}
