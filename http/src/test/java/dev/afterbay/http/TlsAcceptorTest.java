package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.http.TlsSettings.ClientAuth;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which connections a stop ends whose handshakes are under way. */
final class TlsAcceptorTest {

  @TempDir private Path folder;

  private TlsAcceptor acceptor() {
    TestAuthority authority = new TestAuthority("Authority");
    return new TlsAcceptor(new TlsFolder(folder).put(authority.server()).open(ClientAuth.NONE));
  }

  @Test
  void oneThatBeganBefore() {
    TlsAcceptor acceptor = acceptor();
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(acceptor.handler(channel));
    assertThat(channel.isOpen()).isTrue();
    acceptor.close();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void oneThatIsAcceptedMeanwhile() {
    TlsAcceptor acceptor = acceptor();
    EmbeddedChannel channel = new EmbeddedChannel();
    TlsHandler handler = acceptor.handler(channel);
    acceptor.close();
    channel.pipeline().addLast(handler);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void oneThatIsAcceptedAfterwards() {
    TlsAcceptor acceptor = acceptor();
    acceptor.close();
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(acceptor.handler(channel));
    assertThat(channel.isOpen()).isFalse();
  }
}
