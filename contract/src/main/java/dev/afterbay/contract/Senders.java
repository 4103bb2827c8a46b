package dev.afterbay.contract;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.SendResult;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Those who send in a simulation, and those who look after what was sent. */
final class Senders {

  private static final int BATCH_MAX = 3;
  private static final int SEND_AGAIN_MAX = 20;

  private final World world;
  private final Expectations expectations;
  private final SplittableRandom random;

  Senders(World world, Expectations expectations) {
    this.world = world;
    this.expectations = expectations;
    this.random = world.random;
  }

  void send() {
    String queue = World.QUEUES.get(random.nextInt(World.QUEUES.size()));
    List<Letter> letters = new ArrayList<>();
    for (int i = 1 + random.nextInt(BATCH_MAX); i > 0; i--) {
      letters.add(expectations.sent(queue, message(queue)));
    }
    List<Message> messages = letters.stream().map(letter -> letter.message).toList();
    try {
      accepted(letters, world.engine().queue(queue).send(messages));
    } catch (BrokerException.Unavailable _) {
      letters.forEach(expectations::forget);
    } catch (BrokerException.OutcomeUnknown _) {
      if (letters.stream().allMatch(letter -> letter.message.options().key() != null)) {
        sendAgain(queue, letters, messages);
      }
    }
  }

  void cancel() {
    Letter letter = any();
    lookAfter(
        letter,
        jobs -> {
          letter.mayBeGone = true;
          Status.Kind now = jobs.cancel(id(letter)).status().kind();
          if (now != Status.Kind.PROCESSING) {
            letter.endedAtSync = Letter.ENDED_DURABLY;
          }
        });
  }

  void redrive() {
    Letter letter = any();
    lookAfter(
        letter,
        jobs -> {
          letter.redriven = true;
          letter.endedAtSync = Letter.NOT_ENDED;
          jobs.redrive(id(letter));
        });
  }

  void redriveAll() {
    Queue queue = anyQueue();
    Integer perSecond = random.nextBoolean() ? 2 : null;
    for (Letter letter : expectations.letters()) {
      if (letter.queue.equals(queue.name())) {
        letter.redriven = true;
        letter.mayComeBack |= perSecond != null;
        letter.endedAtSync = Letter.NOT_ENDED;
      }
    }
    try {
      queue.admin().orElseThrow().redrive(Redrive.ALL.perSecond(perSecond));
    } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
      // Some of the failed may have been redriven, which is what redriven says.
    }
  }

  void runNow() {
    Letter letter = any();
    lookAfter(
        letter,
        jobs -> {
          letter.moved = true;
          jobs.runNow(id(letter));
        });
  }

  void reschedule() {
    Letter letter = any();
    lookAfter(
        letter,
        jobs -> {
          letter.moved = true;
          Duration away = Duration.ofSeconds(random.nextInt(-10, 30));
          jobs.reschedule(id(letter), world.clock.now().wall().plus(away));
        });
  }

  void delete() {
    Letter letter = any();
    lookAfter(
        letter,
        jobs -> {
          letter.mayBeGone = true;
          jobs.delete(id(letter));
        });
  }

  void pauseOrResume() {
    Queue queue = anyQueue();
    boolean pause = random.nextBoolean();
    expectations.paused().remove(queue.name());
    boolean known = false;
    while (!known) {
      try {
        if (pause) {
          queue.admin().orElseThrow().pause("simulated");
        } else {
          queue.admin().orElseThrow().resume();
        }
        known = true;
      } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
        // Again, until it is known.
      }
    }
    if (pause) {
      expectations.paused().add(queue.name());
    }
  }

  private void lookAfter(Letter letter, Consumer<Jobs> call) {
    if (letter.id == null) {
      return;
    }
    try {
      call.accept(world.engine().jobs().orElseThrow());
    } catch (BrokerException.JobNotFound _) {
      expectations.check(
          letter.mayBeGone || letter.atMostOnce, letter, "is not found, but nothing ended it");
    } catch (BrokerException.Conflict
        | BrokerException.Unavailable
        | BrokerException.OutcomeUnknown _) {
      // What may have come of it was noted before the call.
    }
  }

  private static JobId id(Letter letter) {
    return Objects.requireNonNull(letter.id);
  }

  /** Any letter; one that nobody knows to be stored, if there is none yet. */
  private Letter any() {
    List<Letter> letters = expectations.letters();
    return letters.isEmpty()
        ? expectations.sent(World.PLAIN, message(World.PLAIN))
        : letters.get(random.nextInt(letters.size()));
  }

  private Queue anyQueue() {
    return world.engine().queue(World.QUEUES.get(random.nextInt(World.QUEUES.size())));
  }

  /** With a key, an unknown outcome is sent again until it is known. */
  private void sendAgain(String queue, List<Letter> letters, List<Message> messages) {
    for (int i = 0; i < SEND_AGAIN_MAX; i++) {
      try {
        accepted(letters, world.engine().queue(queue).send(messages));
        return;
      } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
        // Again.
      }
    }
  }

  private void accepted(List<Letter> letters, List<SendResult> sent) {
    for (int i = 0; i < letters.size(); i++) {
      JobId id = sent.get(i).id();
      if (sent.get(i).known()) {
        known(letters.get(i), id);
      } else {
        letters.get(i).id = id;
      }
    }
  }

  /** Its key was taken, perhaps by a message of which nobody knew yet that it was stored. */
  private void known(Letter letter, JobId id) {
    Job stored = expectations.find(id);
    Letter first = stored == null ? expectations.withId(id) : expectations.letter(stored.message());
    if (first != null) {
      first.id = id;
      String key = letter.message.options().key();
      expectations.check(
          key != null
              && key.equals(first.message.options().key())
              && first.queue.equals(letter.queue),
          letter,
          "was taken for " + first);
    }
    if (!letter.equals(first)) {
      expectations.forget(letter);
    }
  }

  private Message message(String queue) {
    String number = Integer.toString(expectations.nextNumber());
    Message message = Message.of("abc".substring(random.nextInt(3)).substring(0, 1), number);
    if (!queue.equals(World.FIFO) && chance(0.5)) {
      message = message.session("s" + random.nextInt(3));
    }
    if (chance(0.2)) {
      message = message.key("k" + random.nextInt(8));
    }
    if (chance(0.3)) {
      message = message.priority(random.nextInt(Message.PRIORITY_MAX + 1));
    }
    if (chance(0.15)) {
      message = message.delay(Duration.ofMillis(random.nextInt(8_000)));
    } else if (chance(0.1)) {
      Duration away = Duration.ofSeconds(random.nextInt(-20, 60));
      message = message.notBefore(world.clock.now().wall().plus(away));
    }
    if (chance(0.15)) {
      message = message.timeToLive(Duration.ofMillis(random.nextInt(20_000)));
    }
    if (chance(0.2)) {
      message = message.maxAttempts(1 + random.nextInt(4));
    }
    return chance(0.3) ? message.tracked() : message;
  }

  private boolean chance(double probability) {
    return random.nextDouble() < probability;
  }
}
