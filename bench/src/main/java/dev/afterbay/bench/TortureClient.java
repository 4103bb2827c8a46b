package dev.afterbay.bench;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receipt;
import dev.afterbay.Receiver;
import dev.afterbay.SendResult;
import dev.afterbay.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What one who uses a server does, step by step, and how that is told to the {@link Promises}: it
 * sends, receives, settles, fails now and then, forgets what it received, and comes with an old
 * receipt. Steps of different threads may overlap.
 *
 * @param old receipts that must not be taken any more once their job is handed out again
 * @param calm settles whatever it gets
 */
record TortureClient(
    Queue queue, Promises promises, Random random, Map<Promises.Sending, Old> old, boolean calm) {

  private static final int BATCH_MAX = 5;
  private static final int RECEIVE_MAX = 20;
  private static final int PERCENT = 100;
  private static final int FAIL_PERCENT = 5;
  private static final int FORGET_PERCENT = 1;

  /** A receipt of a message that was handed back or forgotten. */
  record Old(Receipt receipt, int attempt) {}

  /** Messages without a session and without a key, which are never sent again. */
  void sendSome() {
    List<Promises.Sending> sendings = new ArrayList<>();
    List<Message> messages = new ArrayList<>();
    for (int i = random.nextInt(BATCH_MAX); i >= 0; i--) {
      Promises.Sending sending = promises.sending(null);
      sendings.add(sending);
      messages.add(Message.of(sending.body()));
    }
    try {
      List<SendResult> sent = queue.send(messages);
      for (int i = 0; i < sendings.size(); i++) {
        promises.confirmed(sendings.get(i), sent.get(i).id());
      }
    } catch (BrokerException e) {
      if (didNothing(e)) {
        sendings.forEach(promises::refused);
      }
      throw e;
    }
  }

  /** The next of a session, or once more the one of which nobody knows whether it is stored. */
  void sendNext(String session) {
    Promises.Sending unknown = promises.unknown(session);
    Promises.Sending sending = unknown != null ? unknown : promises.sending(session);
    Message message = Message.of(sending.body()).session(session).key(sending.key());
    promises.confirmed(sending, queue.send(message));
  }

  /** All are noted before the first is settled, for that may be what makes the second due. */
  void receive(Receiver receiver, Duration wait) throws InterruptedException {
    long askedAt = promises.now();
    List<Runnable> work = new ArrayList<>();
    for (Delivery delivery : receiver.receive(RECEIVE_MAX, wait)) {
      Promises.Sending sending =
          promises.delivered(delivery.job().id(), delivery.message().body(), askedAt);
      if (sending != null) {
        work.add(() -> work(delivery, sending));
      }
    }
    work.forEach(Runnable::run);
  }

  private void work(Delivery delivery, Promises.Sending sending) {
    int attempt = delivery.attempt();
    Receipt receipt = delivery.detach();
    Old before = old.remove(sending);
    if (before != null && before.attempt < attempt) {
      promises.oldReceipt(sending, isTaken(before.receipt));
    }
    int chance = calm ? PERCENT : random.nextInt(PERCENT);
    if (chance < FORGET_PERCENT) {
      old.put(sending, new Old(receipt, attempt));
    } else if (chance < FAIL_PERCENT) {
      queue.settle(receipt, Outcome.retry("fails now and then"));
      old.put(sending, new Old(receipt, attempt));
    } else {
      settle(receipt, sending);
    }
  }

  private boolean isTaken(Receipt receipt) {
    Settlement settlement = new Settlement(receipt, Outcome.done());
    return queue.settle(List.of(settlement)).getFirst().isEmpty();
  }

  private void settle(Receipt receipt, Promises.Sending sending) {
    promises.doneSent(sending);
    try {
      queue.settle(receipt, Outcome.done());
    } catch (BrokerException e) {
      if (didNothing(e)) {
        promises.doneRefused(sending);
      }
      throw e;
    }
    promises.done(sending);
  }

  /** Whether the broker promises that what failed left no trace (guarantees.md, Answers). */
  private static boolean didNothing(BrokerException e) {
    return !(e instanceof BrokerException.OutcomeUnknown);
  }
}
