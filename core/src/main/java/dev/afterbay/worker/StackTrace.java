package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.JobContext;
import dev.afterbay.PlainText;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Keeps the trace of an exception with the attempt that it ended. */
final class StackTrace {

  private static final System.Logger LOG = System.getLogger(StackTrace.class.getName());

  private StackTrace() {}

  static void keep(Throwable e, Delivery delivery) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    String trace = PlainText.cut(text.toString(), HandlerOptions.TRACE_CHARS_MAX);
    try {
      JobContext context = delivery.context();
      for (int from = 0; from < trace.length(); from += JobContext.LINE_CHARS_MAX) {
        context.log(
            trace.substring(from, Math.min(trace.length(), from + JobContext.LINE_CHARS_MAX)));
      }
    } catch (BrokerException failed) {
      // It is of less use than the settlement, which must not fail for it.
      LOG.log(System.Logger.Level.DEBUG, "a stack trace was not kept", failed);
    }
  }
}
