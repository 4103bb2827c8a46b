package dev.afterbay;

/** What was asked for is in a module that is not on the class path or module path. */
public final class MissingModuleException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private final String artifact;

  MissingModuleException(String what, String artifact) {
    super(
        what
            + " needs a module that is not there: add dev.afterbay:"
            + artifact
            + " to the dependencies");
    this.artifact = artifact;
  }

  /** What to add, such as {@code afterbay-client}; its group is {@code dev.afterbay}. */
  public String artifact() {
    return artifact;
  }
}
