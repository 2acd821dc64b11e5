package dev.tutti.transport.rendezvous;

/// Names one agreement: what it is about, the caller's tag and who was asked.
///
/// @param group tag and members
/// @param newcomers how many newcomers are to be admitted; 0 for [Membership#agree]
record AgreementKey(GatherKey group, int newcomers) {
  Frame.Writer write() {
    return group.write().putInt(newcomers);
  }

  static AgreementKey read(Frame.Reader reader, int worldSize) throws WireFault {
    GatherKey group = GatherKey.read(reader, worldSize);
    int newcomers = reader.getInt();
    if (newcomers < 0 || newcomers > Membership.MAX_NEWCOMERS) {
      throw new WireFault("admission of " + newcomers + " newcomers");
    }
    return new AgreementKey(group, newcomers);
  }

  boolean admits() {
    return newcomers > 0;
  }

  @Override
  public String toString() {
    return (admits() ? "admission " : "agreement ") + group.tag();
  }
}
