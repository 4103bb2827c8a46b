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

  /**
   * @param limited takes those that were refused: strangers can make as many as they like
   */
  static void tell(Route route, Exchange exchange, int status, RateLimitedLog limited) {
    if (!route.area().isManagement() || !LOG.isLoggable(Level.INFO)) {
      return;
    }
    String call = route.method() + " " + route.pattern();
    String subject = exchange.subject();
    // The address has no blanks, so that it cannot pose as the words behind it.
    String text =
        route.method()
            + " "
            + PlainText.line(exchange.target(), TARGET_CHARS_MAX).replace(" ", "%20")
            + " by "
            + exchange.remoteAddress()
            + (subject == null ? "" : " " + subject)
            + ": "
            + (status == 0 ? "streamed" : status);
    if (status >= 400) {
      limited.info(LOG, call + " is refused", text);
    } else {
      LOG.log(Level.INFO, text);
    }
  }
}
