package dev.afterbay;

/**
 * What was asked for is in a module that is not on the class path or module path.
 *
 * <p>Hidden, for nobody can do anything about it but read its text and add the module.
 */
final class MissingModuleException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  MissingModuleException(String what, String artifact) {
    super(
        what
            + " needs a module that is not there: add dev.afterbay:"
            + artifact
            + " to the dependencies");
  }
}
