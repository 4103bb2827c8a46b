package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiver;
import dev.afterbay.Status;
import java.time.Duration;

/**
 * A job that fails too often, or that can never succeed, is failed: kept with its reason, until
 * somebody looks at it and gives it a fresh set of attempts.
 */
public final class DeadLettersAndRedrive {
  private DeadLettersAndRedrive() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory();
        Receiver receiver = broker.queue("mails").receiver()) {
      Queue queue = broker.queue("mails");
      queue.admin().orElseThrow().configure(QueueSettings.STANDARD.maxAttempts(2));
      JobId id = queue.send(Message.of("mail", "to ada@example.org"));

      for (int i = 0; i < 2; i++) {
        next(receiver).settle(Outcome.retry("mail server is down", Duration.ZERO));
      }
      Job failed = broker.jobs().orElseThrow().find(id).orElseThrow();
      System.out.println(reason(failed));
      failed.history().forEach(attempt -> System.out.println("  attempt: " + attempt.outcome()));

      System.out.println("redriven: " + queue.admin().orElseThrow().redrive(Redrive.ALL).matched());
      next(receiver).done();
      System.out.println("failed: " + queue.stats().failed());
    }
  }

  private static Delivery next(Receiver receiver) throws InterruptedException {
    return receiver.receive(1, Duration.ofSeconds(10)).getFirst();
  }

  private static String reason(Job job) {
    return switch (job.state().status()) {
      case Status.Failed(_, var reason, String error) -> "failed, " + reason.words() + ": " + error;
      case Status other -> "not failed, but " + other.kind();
    };
  }
}
