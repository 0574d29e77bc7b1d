package dev.weft.control.inject;

import java.util.List;

/** A pod that says something that no sidecar can be made of. */
public final class InjectionRefused extends Exception {

  private static final long serialVersionUID = 1;

  private final List<String> faults;

  InjectionRefused(List<String> faults) {
    super(String.join("; ", faults), null, false, false);
    this.faults = List.copyOf(faults);
  }

  /** All of them, a sentence each, in words for the pod's owner. */
  public List<String> faults() {
    return faults;
  }
}
