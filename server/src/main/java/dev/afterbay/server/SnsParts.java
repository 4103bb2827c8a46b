package dev.afterbay.server;

import dev.afterbay.engine.Engine;
import dev.afterbay.http.SnsWebhook;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.Certificates;
import dev.afterbay.http.sns.OutgoingGet;
import dev.afterbay.http.sns.SnsVerifier;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import dev.afterbay.server.Config.OnUnsubscribe;
import dev.afterbay.server.Config.Source;
import dev.afterbay.server.Config.StoreKind;
import dev.afterbay.store.Store;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * What the SNS webhook is made of.
 *
 * @param api also without topics: then the log says which ones would come
 */
record SnsParts(SnsWebhook api, OutgoingGet outgoing) implements AutoCloseable {
  /** Beside the store: certificates that were fetched, for a restart without network. */
  private static final String COPIES = "sns-certificates";

  static SnsParts of(Config config, Engine engine, Store store) {
    Config.Sns sns = config.sns();
    OutgoingGet outgoing = new HttpsGet(null);
    Path copies = config.store() == StoreKind.MEMORY ? null : config.data().resolve(COPIES);
    InstantSource clock = InstantSource.system();
    Certificates certificates = new Certificates(outgoing, clock, sns.certDir(), copies);
    SnsWebhook api =
        new SnsWebhook(
            sns.sources().stream().map(source -> source(sns, source)).toList(),
            sns.settings(),
            new SnsVerifier(sns.settings(), certificates, clock),
            new SubscriptionConfirmer(outgoing),
            AllowedTopics.of(sns.sources().stream().map(Source::topic).toList(), sns.regions()),
            sns.onUnsubscribe() == OnUnsubscribe.RESUBSCRIBE,
            SnsWebhook.ANSWER_WITHIN,
            new SnsKeeper(engine, store, config.limits(), sns.settings().bodyBytesMax()));
    return new SnsParts(api, outgoing);
  }

  private static SnsWebhook.Source source(Config.Sns sns, Source source) {
    return new SnsWebhook.Source(
        source.name(),
        source.topic().arn(),
        source.queue(),
        AllowedTopics.of(List.of(source.topic()), sns.regions()),
        source.sessions());
  }

  @Override
  public void close() {
    outgoing.close();
  }
}
