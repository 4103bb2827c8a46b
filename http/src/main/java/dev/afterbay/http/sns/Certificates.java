package dev.afterbay.http.sns;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The signing certificates: in memory, else in a folder of the operator, else as our own copy of an
 * earlier run, else fetched (sns.md 2). One object for all paths of the webhook; safe for use by
 * many threads. Calls block when they must fetch, for 10 s at most.
 *
 * <p>A certificate is held only after it was found good, and its dates are asked again at every
 * use. At most 32 are held; at most 2 are fetched at once and, after a burst of 10, 10 a minute for
 * each topic and host; each for 5 s at most. What failed is not tried again for 45 s.
 */
public final class Certificates {
  /*
   * Who knows the ARN of a topic can name 2^128 well-formed URLs, so everything here is bounded
   * against strangers: fetches by the buckets, failures and flights by the fetches, memory by what
   * the SNS host really serves. Each topic has a bucket of its own, so that who knows one ARN holds
   * up new certificates of that topic alone; what is known already needs no bucket.
   *
   * Single flight: the first who misses a certificate puts a Flight into the map and loads in its
   * own thread, outside any lock; who comes later waits for the flight. A hit takes no lock at all,
   * so a slow certificate host delays only the messages that need it. The key contains the
   * expected names besides the URL: with a host override two topics may expect different names
   * behind one URL, and one's failure must not be the other's.
   *
   * Why no cache of a library: decision 0015.
   */

  /** Longest certificate file in bytes (sns.md 2). */
  static final int PEM_BYTES_MAX = 64 * 1_024;

  /** Most certificates held (sns.md 2). */
  static final int HELD_MAX = 32;

  /** Most failures remembered. */
  static final int FAILURES_MAX = 256;

  /** Fetches at once (sns.md 2). */
  static final int FETCHES_AT_ONCE_MAX = 2;

  /** Most callers that wait for others' fetches; each holds a body in memory. */
  static final int WAITERS_MAX = 1_000;

  /** Ten a minute (sns.md 2). */
  private static final Duration FETCH_EVERY = Duration.ofSeconds(6);

  private static final int FETCH_BURST = 10;
  private static final Duration FETCH_AT_MOST = Duration.ofSeconds(5);

  /** Turn and fetch together stay below the wait, so a flight lands before its waiters give up. */
  static final Duration TURN_AT_MOST = Duration.ofSeconds(4);

  /** SNS gives us 15 s, of which we use 10 (sns.md 3). */
  private static final Duration WAIT_AT_MOST = Duration.ofSeconds(10);

  /** Between 30 and 60 s (sns.md 2). */
  private static final Duration FAILURE_KEPT = Duration.ofSeconds(45);

  private final OutgoingGet outgoing;
  private final InstantSource clock;
  private final CertificateFolders folders;
  private final LongSupplier nanoTime;
  private final Duration turnAtMost;

  private final Map<Wanted, Held> held = new ConcurrentHashMap<>();
  private final Map<Wanted, Failure> failures = new ConcurrentHashMap<>();
  private final Map<Wanted, Flight> flights = new ConcurrentHashMap<>();

  /** By topic and host; bounded by the topics that are allowed, for nobody else comes here. */
  private final Map<String, TokenBucket> fetchBudgets = new ConcurrentHashMap<>();

  private final Semaphore fetches = new Semaphore(FETCHES_AT_ONCE_MAX);
  private final Semaphore waiters = new Semaphore(WAITERS_MAX);

  /**
   * @param outgoing how to fetch; stays the caller's to close
   * @param clock the wall clock against which the dates of certificates are held
   * @param known folder of certificates that are used without fetching, file name = last part of
   *     the URL (setting sns.cert_dir); null: none
   * @param copies folder of our own for copies of what was fetched; null: none are kept
   */
  public Certificates(
      OutgoingGet outgoing, InstantSource clock, @Nullable Path known, @Nullable Path copies) {
    this(outgoing, clock, new CertificateFolders(known, copies), System::nanoTime, TURN_AT_MOST);
  }

  Certificates(
      OutgoingGet outgoing,
      InstantSource clock,
      CertificateFolders folders,
      LongSupplier nanoTime,
      Duration turnAtMost) {
    this.outgoing = outgoing;
    this.clock = clock;
    this.folders = folders;
    this.nanoTime = nanoTime;
    this.turnAtMost = turnAtMost;
  }

  /**
   * The certificate, or null if it is not in memory. Never blocks.
   *
   * @throws RefusedException if it failed a moment ago
   */
  @Nullable SigningCertificate find(String url, Set<String> names) throws RefusedException {
    return find(new Wanted(url, names));
  }

  /**
   * The certificate, wherever it is. Blocks.
   *
   * @param topicArn of an allowed topic, whose budget pays if it must be fetched
   * @param url of the right form for that topic
   * @param names the DNS names of which it must bear one
   */
  SigningCertificate get(String topicArn, String url, Set<String> names)
      throws RefusedException, InterruptedException {
    Wanted wanted = new Wanted(url, names);
    while (true) {
      SigningCertificate found = find(wanted);
      if (found != null) {
        return found;
      }
      Flight mine = new Flight(topicArn);
      Flight running = flights.putIfAbsent(wanted, mine);
      if (running == null) {
        return fly(wanted, mine);
      }
      try {
        return join(running);
      } catch (RefusedException e) {
        // Another topic's budget was empty: ours may not be.
        if (!e.is(RefusalReason.CERTIFICATE_FETCHES_LIMITED) || running.topicArn.equals(topicArn)) {
          throw e;
        }
      }
    }
  }

  private @Nullable SigningCertificate find(Wanted wanted) throws RefusedException {
    Held hit = held.get(wanted);
    if (hit != null) {
      if (hit.certificate.isValidAt(clock.instant())) {
        hit.usedAt = nanoTime.getAsLong();
        return hit.certificate;
      }
      held.remove(wanted, hit);
    }
    Failure failure = failures.get(wanted);
    if (failure != null) {
      if (nanoTime.getAsLong() - failure.at < FAILURE_KEPT.toNanos()) {
        throw failure.cause;
      }
      failures.remove(wanted, failure);
    }
    return null;
  }

  private SigningCertificate join(Flight running) throws RefusedException, InterruptedException {
    if (!waiters.tryAcquire()) {
      throw RefusalReason.CERTIFICATE_UNAVAILABLE.because(
          WAITERS_MAX + " messages wait for certificates already");
    }
    try {
      if (!running.landed.await(WAIT_AT_MOST.toMillis(), TimeUnit.MILLISECONDS)) {
        throw RefusalReason.CERTIFICATE_UNAVAILABLE.because("the fetch takes too long");
      }
    } finally {
      waiters.release();
    }
    return running.result();
  }

  private SigningCertificate fly(Wanted wanted, Flight mine)
      throws RefusedException, InterruptedException {
    try {
      // Another flight may have landed between our miss and our start.
      SigningCertificate found = find(wanted);
      mine.certificate = found != null ? found : load(wanted, mine.topicArn);
    } catch (RefusedException e) {
      mine.cause = e;
    } finally {
      // Also after an interruption: then the others are told to retry later.
      flights.remove(wanted, mine);
      mine.landed.countDown();
    }
    return mine.result();
  }

  private SigningCertificate load(Wanted wanted, String topicArn)
      throws RefusedException, InterruptedException {
    String known = folders.findKnown(wanted.url);
    if (known != null) {
      return judge(wanted, known);
    }
    SigningCertificate copy = copy(wanted);
    if (copy != null) {
      return copy;
    }
    if (!fetchBudget(topicArn, wanted.url).tryTake()) {
      throw RefusalReason.CERTIFICATE_FETCHES_LIMITED.because(
          "too many different certificates were named for "
              + topicArn
              + "; "
              + wanted.url
              + " must wait");
    }
    String pem = fetch(wanted);
    SigningCertificate fetched = judge(wanted, pem);
    folders.keepCopy(wanted.url, pem);
    return fetched;
  }

  private TokenBucket fetchBudget(String topicArn, String url) {
    return fetchBudgets.computeIfAbsent(
        topicArn + " " + URI.create(url).getHost(),
        _ -> new TokenBucket(FETCH_BURST, FETCH_EVERY, nanoTime));
  }

  private @Nullable SigningCertificate copy(Wanted wanted) {
    String pem = folders.findCopy(wanted.url);
    if (pem == null) {
      return null;
    }
    try {
      SigningCertificate copy = SigningCertificate.read(pem, wanted.names);
      return hold(wanted, copy.requireValidAt(clock.instant()));
    } catch (RefusedException e) {
      return null; // Worth nothing more than a fetch, which will replace it.
    }
  }

  private String fetch(Wanted wanted) throws RefusedException, InterruptedException {
    if (!fetches.tryAcquire(turnAtMost.toMillis(), TimeUnit.MILLISECONDS)) {
      throw RefusalReason.CERTIFICATE_UNAVAILABLE.because("no turn to fetch " + wanted.url);
    }
    OutgoingGet.Answer answer;
    try {
      answer = outgoing.get(wanted.url, PEM_BYTES_MAX, FETCH_AT_MOST);
    } finally {
      fetches.release();
    }
    return switch (answer) {
      case OutgoingGet.Answer.Ok ok -> ok.body();
      case OutgoingGet.Answer.Status other ->
          throw failed(wanted, RefusalReason.CERTIFICATE_UNAVAILABLE, "status " + other.status());
      case OutgoingGet.Answer.Failed failure ->
          throw failed(wanted, RefusalReason.CERTIFICATE_UNAVAILABLE, failure.reason());
      case OutgoingGet.Answer.TooLarge tooLarge ->
          throw failed(
              wanted, RefusalReason.BAD_CERTIFICATE, "more than " + tooLarge.bytesMax() + " B");
    };
  }

  private SigningCertificate judge(Wanted wanted, String pem) throws RefusedException {
    if (pem.length() > PEM_BYTES_MAX) {
      throw failed(wanted, RefusalReason.BAD_CERTIFICATE, "more than " + PEM_BYTES_MAX + " B");
    }
    try {
      SigningCertificate certificate = SigningCertificate.read(pem, wanted.names);
      return hold(wanted, certificate.requireValidAt(clock.instant()));
    } catch (RefusedException e) {
      throw remember(wanted, e);
    }
  }

  private RefusedException failed(Wanted wanted, RefusalReason fault, String reason) {
    return remember(wanted, fault.because("no certificate from " + wanted.url + ": " + reason));
  }

  private RefusedException remember(Wanted wanted, RefusedException cause) {
    long now = nanoTime.getAsLong();
    if (failures.size() >= FAILURES_MAX) {
      failures.values().removeIf(failure -> now - failure.at >= FAILURE_KEPT.toNanos());
    }
    if (failures.size() < FAILURES_MAX) {
      failures.put(wanted, new Failure(cause, now));
    }
    return cause;
  }

  private SigningCertificate hold(Wanted wanted, SigningCertificate certificate) {
    held.put(wanted, new Held(certificate, nanoTime.getAsLong()));
    while (held.size() > HELD_MAX) {
      held.entrySet().stream()
          .min(Comparator.comparingLong(entry -> entry.getValue().usedAt))
          .ifPresent(longestUnused -> held.remove(longestUnused.getKey()));
    }
    return certificate;
  }

  private record Wanted(String url, Set<String> names) {}

  private record Failure(RefusedException cause, long at) {}

  private static final class Held {
    final SigningCertificate certificate;

    /** Of the ticker, not of the wall clock. */
    volatile long usedAt;

    Held(SigningCertificate certificate, long usedAt) {
      this.certificate = certificate;
      this.usedAt = usedAt;
    }
  }

  /** Written by its owner before it lands, read by others after. */
  private static final class Flight {
    final CountDownLatch landed = new CountDownLatch(1);
    final String topicArn;
    @Nullable SigningCertificate certificate;
    @Nullable RefusedException cause;

    Flight(String topicArn) {
      this.topicArn = topicArn;
    }

    SigningCertificate result() throws RefusedException {
      SigningCertificate good = certificate;
      if (good != null) {
        return good;
      }
      RefusedException bad = cause;
      throw bad != null
          ? bad
          : RefusalReason.CERTIFICATE_UNAVAILABLE.because("the fetch was interrupted");
    }
  }
}
