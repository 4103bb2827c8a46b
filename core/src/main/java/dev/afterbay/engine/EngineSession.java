package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A receiver that holds a session. */
final class EngineSession extends EngineReceiver implements Session {

  /** The one value of the setting that keeps a session's state. */
  private static final String STATE = "state";

  private volatile SessionLease held;

  EngineSession(Engine engine, String queue, ReceiveOptions receiving, SessionLease held) {
    super(engine, queue, receiving, held);
    this.held = held;
  }

  @Override
  public String name() {
    return held.session();
  }

  @Override
  public Session.Token token() {
    return Tokens.session(held.session(), held.fence());
  }

  @Override
  public Instant heldUntil() {
    return engine.clock().now().wallAt(held.untilTick());
  }

  @Override
  public List<Delivery> receive(int max, Duration wait, ReceiveOptions.Types types)
      throws InterruptedException {
    requireHeld();
    List<Delivery> deliveries = super.receive(max, wait, types);
    if (deliveries.isEmpty()) {
      requireHeld();
    }
    return deliveries;
  }

  @Override
  public void renew(@Nullable Duration lease) {
    Duration wanted = receiving.lease(lease).lease();
    long millis = lease == null || wanted == null ? leaseMillis() : wanted.toMillis();
    long untilTick = engine.clock().now().tick() + millis;
    Change change = new Change.Hold(queue, held.session(), held.fence(), untilTick);
    if (!(engine.store.commit(Commit.synced(change)) instanceof Committed.Done)) {
      throw new BrokerException.SessionLost(held.session());
    }
    held = new SessionLease(held.session(), held.consumer(), held.fence(), untilTick);
  }

  @Override
  public Optional<byte[]> state() {
    requireHeld();
    return stored().map(setting -> Base64.getDecoder().decode(setting.values().get(STATE)));
  }

  @Override
  public void state(byte @Nullable [] state) {
    if (state != null && state.length > STATE_BYTES_MAX) {
      throw BrokerException.Rejected.tooLarge(
          "state", "state must have at most 64 KiB: " + state.length + " B");
    }
    while (true) {
      requireHeld();
      Optional<Setting> before = stored();
      if (before.isEmpty() && state == null) {
        return;
      }
      long untilTick = Math.max(held.untilTick(), engine.clock().now().tick() + leaseMillis());
      long version = before.map(Setting::version).orElse(0L) + 1;
      Map<String, String> values =
          state == null ? Map.of() : Map.of(STATE, Base64.getEncoder().encodeToString(state));
      // The hold is the guard: who has lost the session changes nothing.
      Commit commit =
          Commit.synced(
              List.of(
                  new Change.Hold(queue, held.session(), held.fence(), untilTick),
                  new Change.Put(new Setting(kind(), held.session(), version, values))));
      if (engine.store.commit(commit) instanceof Committed.Done) {
        held = new SessionLease(held.session(), held.consumer(), held.fence(), untilTick);
        return;
      }
    }
  }

  private Optional<Setting> stored() {
    return engine.store.setting(kind(), held.session());
  }

  private String kind() {
    return Setting.SESSION_STATE + queue;
  }

  /** What was not settled goes back to its old place before the next consumer reads. */
  @Override
  public void close() {
    super.close();
    Change free = new Change.Hold(queue, held.session(), held.fence(), null);
    try {
      engine.store.commit(Commit.synced(free));
    } catch (BrokerException e) {
      engine.notReleased("session " + held.session(), e);
    }
  }

  @Override
  @Nullable SessionLease held() {
    return held;
  }

  /** Whoever waits is woken when the session is lost, and need not wait any longer. */
  @Override
  boolean isLost() {
    return current() == null;
  }

  private void requireHeld() {
    SessionLease now = current();
    if (now == null) {
      throw new BrokerException.SessionLost(held.session());
    }
    held = now;
  }

  private @Nullable SessionLease current() {
    SessionLease now = engine.store.held(queue, held.session());
    return now == null || now.fence() != held.fence() ? null : now;
  }
}
