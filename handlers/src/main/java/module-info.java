import org.jspecify.annotations.NullMarked;

/** Handlers that are ready to use. */
@NullMarked
module dev.afterbay.handlers {
  requires transitive dev.afterbay.core;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.handler.proxy;
  requires io.netty.transport;
  requires jakarta.mail;
  requires java.net.http;
  requires org.eclipse.angus.mail;
  requires static transitive org.jspecify;
  requires tools.jackson.core;
  requires tools.jackson.databind;

  exports dev.afterbay.handlers;

  provides dev.afterbay.worker.HandlerFactory with
      dev.afterbay.handlers.CommandFactory,
      dev.afterbay.handlers.EmailFactory,
      dev.afterbay.handlers.TelegramFactory,
      dev.afterbay.handlers.WebhookFactory;
}
