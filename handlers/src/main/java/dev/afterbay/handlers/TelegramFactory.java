package dev.afterbay.handlers;

import dev.afterbay.BrokerException;
import dev.afterbay.worker.HandlerFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes {@link TelegramHandler}s: {@code handler: telegram}, with the settings in {@code telegram}.
 */
public final class TelegramFactory implements HandlerFactory {

  private static final String API = "must be a URL such as https://api.telegram.org";

  /** For the {@link java.util.ServiceLoader}. */
  public TelegramFactory() {}

  @Override
  public String name() {
    return "telegram";
  }

  /** A chat that is written to too often is no word about the others. */
  @Override
  public boolean hasOneTarget() {
    return false;
  }

  @Override
  public Optional<String> schema() {
    return Optional.of(PayloadJson.schema(name()));
  }

  @Override
  public Configured configure(Section section, Duration timeout) {
    TelegramToken token = section.secret("token", TelegramToken::parse);
    URI api = section.value("api", TelegramHandler.Settings.API, TelegramFactory::url);
    if (token == null) {
      throw new BrokerException.Rejected(
          "token_file", "must be the file of a bot's token, as @BotFather gives it");
    }
    return WebhookFactory.named(() -> new TelegramHandler.Settings(token, api, timeout));
  }

  private static URI url(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(API, e);
    }
  }
}
