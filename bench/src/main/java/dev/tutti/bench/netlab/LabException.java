package dev.tutti.bench.netlab;

import java.io.IOException;

/// A lab cannot be made, found or changed; the message says which command failed and how.
public final class LabException extends IOException {
  private static final long serialVersionUID = 1;

  LabException(String message) {
    super(message);
  }

  LabException(String message, Throwable cause) {
    super(message, cause);
  }
}
