package dev.afterbay.contract;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Those who receive in a simulation: well-behaved ones, slow ones, and ones that repeat themselves.
 */
final class SimulatedConsumers {

  private static final int OPEN_MAX = 3;

  private final World world;
  private final Expectations expectations;
  private final SplittableRandom random;
  private final Map<Receiver, String> open = new HashMap<>();
  private final List<Receiver> order = new ArrayList<>();

  SimulatedConsumers(World world, Expectations expectations) {
    this.world = world;
    this.expectations = expectations;
    this.random = world.random;
  }

  void open() {
    if (order.size() < OPEN_MAX) {
      String queue = World.QUEUES.get(random.nextInt(World.QUEUES.size()));
      remember(world.engine().queue(queue).receiver(ReceiveOptions.STANDARD), queue);
    }
  }

  void receive() {
    if (order.isEmpty()) {
      open();
    }
    ReceiveOptions.Types types =
        random.nextInt(4) > 0
            ? ReceiveOptions.Types.ALL
            : ReceiveOptions.Types.only(Set.of("a", "c"));
    receive(order.get(random.nextInt(order.size())), 1 + random.nextInt(4), types);
  }

  /** Everything that is there, from all queues, done at once. */
  void receiveAndCompleteAll() {
    for (String queue : World.QUEUES) {
      try (Receiver receiver = world.engine().queue(queue).receiver()) {
        open.put(receiver, queue);
        for (Handle handle : receive(receiver, 100, ReceiveOptions.Types.ALL)) {
          if (!handle.letter.atMostOnce) {
            settle(handle, Outcome.done());
          }
        }
        open.remove(receiver);
      }
    }
  }

  void accept() {
    String queue = World.QUEUES.get(random.nextInt(World.QUEUES.size()));
    String name =
        random.nextBoolean() ? null : queue.equals(World.FIFO) ? "" : "s" + random.nextInt(3);
    try {
      Optional<Session> accepted =
          world.engine().queue(queue).session(name, Duration.ZERO, ReceiveOptions.STANDARD);
      accepted.ifPresent(session -> accepted(queue, session));
    } catch (BrokerException.SessionLocked _) {
      // By another consumer of this simulation, or one that it has forgotten.
    } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
      // Perhaps held by nobody who knows, until it lapses.
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void renewSession() {
    for (Receiver receiver : List.copyOf(order)) {
      if (receiver instanceof Session session && random.nextBoolean()) {
        String queue = queueOf(receiver);
        try {
          session.renew(null);
          remember(queue, session);
        } catch (BrokerException.SessionLost _) {
          lost(queue, session);
        } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
          // Kept for as long as before, or longer.
        }
      }
    }
  }

  void close() {
    if (order.isEmpty()) {
      return;
    }
    Receiver receiver = order.remove(random.nextInt(order.size()));
    String queue = queueOf(receiver);
    open.remove(receiver);
    boolean known = false;
    try {
      receiver.close();
      known = true;
    } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
      // What it had is released, or lapses.
    }
    for (Handle handle : expectations.handles()) {
      if (handle.receiver.equals(receiver) && handle.receipt == null) {
        handle.ended |= known;
        handle.doubtful |= !known;
      }
    }
    if (receiver instanceof Session session && isOurs(queue, session)) {
      expectations.freed(queue, session.name());
    }
  }

  void settle() {
    anyHandle(handle -> {
      Outcome outcome =
          switch (random.nextInt(8)) {
            case 0 -> Outcome.retry("simulated");
            case 1 -> Outcome.retry("simulated", Duration.ofMillis(random.nextInt(3_000)));
            case 2 -> Outcome.fail("simulated");
            case 3 -> Outcome.release();
            default -> Outcome.done();
          };
      settle(handle, outcome);
    });
  }

  void detach() {
    anyHandle(handle -> {
      if (handle.isLive(tick()) && handle.receipt == null) {
        handle.receipt = handle.delivery.detach();
      }
    });
  }

  void renew() {
    anyHandle(handle -> {
      boolean live = handle.isLive(tick());
      boolean stale = !live && !handle.doubtful;
      try {
        renew(handle);
        check(!stale, handle, "was renewed by a stale lease");
        handle.untilTick = Math.max(handle.untilTick, tick() + World.LEASE.toMillis());
      } catch (BrokerException.LeaseLost _) {
        check(!live, handle, "could not be renewed by its consumer");
      } catch (BrokerException.Unavailable _) {
        // As before.
      } catch (BrokerException.OutcomeUnknown _) {
        handle.doubtful = true;
      }
    });
  }

  void processEnded() {
    open.clear();
    order.clear();
  }

  private List<Handle> receive(Receiver receiver, int max, ReceiveOptions.Types types) {
    expectations.lookForLostSessions();
    String queue = queueOf(receiver);
    List<Handle> handles = new ArrayList<>();
    try {
      for (Delivery delivery : receiver.receive(max, Duration.ZERO, types)) {
        check(types, delivery);
        Letter letter = expectations.letter(delivery.message());
        long until = tick() + World.LEASE.toMillis();
        Handle handle = new Handle(letter, receiver, delivery, until);
        expectations.delivered(handle, delivery.job());
        handle.ended = letter.atMostOnce;
        handles.add(handle);
      }
    } catch (BrokerException.SessionLost _) {
      lost(queue, (Session) receiver);
    } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown _) {
      // Perhaps leased by nobody who knows, until it lapses.
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return handles;
  }

  private void settle(Handle handle, Outcome outcome) {
    Letter letter = handle.letter;
    boolean live = handle.isLive(tick());
    boolean stale = !live && !handle.doubtful;
    long syncs = world.store().syncs();
    letter.mayBeGone |= !stale && outcome instanceof Outcome.Done;
    try {
      settleEitherWay(handle, outcome);
      check(!stale, handle, "was settled by a stale lease");
      handle.ended = true;
      switch (outcome) {
        case Outcome.Done _ -> letter.endedAtSync = syncs;
        case Outcome.Fail _ -> letter.endedAtSync = Letter.ENDED_DURABLY;
        case Outcome.Retry _, Outcome.Release _ -> {}
      }
    } catch (BrokerException.LeaseLost _) {
      check(!live, handle, "could not be settled by its consumer");
      handle.ended = true;
    } catch (BrokerException.Unavailable _) {
      // Certainly not settled: it can be settled again.
    } catch (BrokerException.OutcomeUnknown _) {
      handle.doubtful = true;
    }
  }

  private void settleEitherWay(Handle handle, Outcome outcome) {
    Receipt receipt = handle.receipt;
    if (receipt != null) {
      world.engine().queue(handle.letter.queue).settle(receipt, outcome);
    } else {
      handle.delivery.settle(outcome);
    }
  }

  private void renew(Handle handle) {
    Receipt receipt = handle.receipt;
    if (receipt == null) {
      handle.delivery.renew();
      return;
    }
    world
        .engine()
        .queue(handle.letter.queue)
        .renew(List.of(receipt), null)
        .getFirst()
        .ifPresent(e -> {
          throw e;
        });
  }

  private void accepted(String queue, Session session) {
    Expectations.Holding other = expectations.holding(queue, session.name());
    expectations.check(other == null, null, session.name() + " was given away: " + other);
    remember(session, queue);
    remember(queue, session);
  }

  private void remember(String queue, Session session) {
    long until = tick() + World.LEASE.toMillis();
    expectations.held(new Expectations.Holding(queue, session.name(), session, until));
  }

  private void remember(Receiver receiver, String queue) {
    open.put(receiver, queue);
    order.add(receiver);
  }

  private void lost(String queue, Session session) {
    expectations.check(
        !isOurs(queue, session), null, "the held session " + session.name() + " was lost");
  }

  private boolean isOurs(String queue, Session session) {
    Expectations.Holding holding = expectations.holding(queue, session.name());
    return holding != null && holding.consumer().equals(session);
  }

  private String queueOf(Receiver receiver) {
    return Objects.requireNonNull(open.get(receiver));
  }

  /** One of the latest, whether it is still good or not; not one of an at-most-once queue. */
  private void anyHandle(Consumer<Handle> action) {
    expectations.lookForLostSessions();
    List<Handle> handles = expectations.handles();
    if (handles.isEmpty()) {
      return;
    }
    int latest = Math.min(handles.size(), 12);
    Handle handle = handles.get(handles.size() - 1 - random.nextInt(latest));
    if (!handle.letter.atMostOnce) {
      action.accept(handle);
    }
  }

  private void check(boolean holds, Handle handle, String otherwise) {
    expectations.check(holds, handle.letter, otherwise);
  }

  private void check(ReceiveOptions.Types types, Delivery delivery) {
    String type = delivery.message().type();
    expectations.check(types.takes(type), null, "type " + type + " came to " + types);
  }

  private long tick() {
    return world.store().clock().now().tick();
  }
}
