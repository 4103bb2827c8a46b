package dev.afterbay.http;

import dev.afterbay.PlainText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Tells of each call that changed what is managed here, or tried to: who made it, what came of it.
 */
final class Audit {

  private static final Logger LOG = System.getLogger("dev.afterbay.audit");

  private static final int TARGET_CHARS_MAX = 200;

  private Audit() {}

  static void tell(Route route, Exchange exchange, int status) {
    if (route.area() == Scope.MANAGE && LOG.isLoggable(Level.INFO)) {
      String subject = exchange.subject();
      LOG.log(
          Level.INFO,
          route.method()
              + " "
              + PlainText.line(exchange.target(), TARGET_CHARS_MAX)
              + " by "
              + exchange.remoteAddress()
              + (subject == null ? "" : " " + subject)
              + ": "
              + status);
    }
  }
}
