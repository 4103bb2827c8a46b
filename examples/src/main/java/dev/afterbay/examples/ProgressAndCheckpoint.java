package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.JobContext;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.worker.Worker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An attempt tells how far it is, and leaves a checkpoint, from which the next one goes on, also in
 * another process. What the work came to is kept with the job.
 */
public final class ProgressAndCheckpoint {
  private static final int PAGES = 4;

  private ProgressAndCheckpoint() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("printer");
      JobId id = queue.send(Message.of("book", "four pages").tracked());
      CountDownLatch printed = new CountDownLatch(PAGES);
      try (Worker _ = Worker.of(queue).handle("book", book -> print(book, printed)).start()) {
        printed.await(10, TimeUnit.SECONDS);
      }
      show(broker.jobs().orElseThrow().notes(id));
    }
  }

  /** Over HTTP it is all in {@code GET /jobs/{id}}. */
  private static void show(JobNotes notes) {
    if (notes.progress() != null && notes.result() != null) {
      String result = new String(notes.result().value(), StandardCharsets.UTF_8);
      System.out.println("done: " + notes.progress().text() + ", " + result);
    }
    for (JobNotes.LoggedLine line : notes.log().lines()) {
      System.out.println("attempt " + line.attempt() + ": " + line.text());
    }
  }

  private static Outcome print(Delivery book, CountDownLatch printed) {
    JobContext context = book.context();
    int page = context.checkpoint().map(kept -> (int) kept[0]).orElse(0);
    while (page < PAGES) {
      if (page == 2 && book.attempt() == 1) {
        context.log("paper jam");
        return Outcome.retry("paper jam", Duration.ZERO);
      }
      page++;
      System.out.println("attempt " + book.attempt() + " prints page " + page);
      context.checkpoint(new byte[] {(byte) page});
      context.progress((double) page / PAGES, page + " of " + PAGES);
      printed.countDown();
    }
    context.result("a book of " + PAGES + " pages");
    return Outcome.done();
  }
}
