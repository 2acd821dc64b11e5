package dev.tutti.transport.rendezvous;

/// The news that a rank ended the job.
///
/// @param byRank the rank
/// @param reason for people
record Abort(int byRank, String reason) {
  Frame toFrame() {
    return new Frame.Writer().putInt(byRank).putText(reason).toFrame(FrameType.ABORTED);
  }

  static Abort read(Frame.Reader reader) throws WireFault {
    Abort result = new Abort(reader.getInt(), reader.getText());
    reader.end();
    return result;
  }
}
