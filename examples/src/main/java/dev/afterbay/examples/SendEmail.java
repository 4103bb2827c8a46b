package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.handlers.EmailHandler;
import dev.afterbay.handlers.SmtpSettings;
import dev.afterbay.worker.Worker;
import java.util.concurrent.CountDownLatch;

/**
 * A job that is an e-mail: {@code SendEmail localhost 1025 ada@example.org} sends it by a server
 * for trials such as MailHog. One on the internet wants the standard settings, STARTTLS on port
 * 587, and a login: {@code SmtpSettings.of("mail.example.com").login(user, password)}.
 */
public final class SendEmail {
  private SendEmail() {}

  public static void main(String[] arguments) throws InterruptedException {
    SmtpSettings server =
        SmtpSettings.of(arguments[0])
            .port(Integer.parseInt(arguments[1]))
            .tls(SmtpSettings.Tls.NONE);
    String job =
        "{\"to\": \"" + arguments[2] + "\", \"subject\": \"Hi\", \"text\": \"It is on its way.\"}";
    CountDownLatch sent = new CountDownLatch(1);
    try (Broker broker = Broker.inMemory();
        EmailHandler email = EmailHandler.over("Shop <shop@example.com>", server)) {
      Queue queue = broker.queue("mail");
      queue.send(Message.of("email", job).contentType("application/json"));
      Worker.Builder worker =
          Worker.of(queue)
              .handle(
                  "email",
                  delivery -> {
                    Outcome outcome = handled(email, delivery);
                    sent.countDown();
                    return outcome;
                  });
      try (Worker _ = worker.start()) {
        sent.await();
      }
    }
  }

  private static Outcome handled(EmailHandler email, Delivery delivery)
      throws InterruptedException {
    Outcome outcome = email.handle(delivery);
    System.out.println("attempt " + delivery.attempt() + ": " + outcome);
    return outcome;
  }
}
