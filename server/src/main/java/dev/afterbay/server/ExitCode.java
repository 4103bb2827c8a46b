package dev.afterbay.server;

/** How the process ends (config.md, Process). */
public final class ExitCode {
  public static final int STOPPED = 0;
  public static final int FAILED = 1;
  static final int CONFIGURATION = 2;
  static final int DIRECTORY_IN_USE = 3;
  static final int STORE_DAMAGED = 4;

  private ExitCode() {}
}
